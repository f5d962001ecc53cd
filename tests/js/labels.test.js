// Names are broken into short lines and labels kept apart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breakName, overlap, placeLabels } from '../../static/js/lib/labels.js'

test('short names stay whole', () => {
  assert.deepEqual(breakName('Norf'), ['Norf'])
})

test('two names are parted at the stroke', () => {
  assert.deepEqual(breakName('Hoisten / Speck / Wehl'), ['Hoisten /', 'Speck / Wehl'])
})

test('a long word is parted before its ending', () => {
  assert.deepEqual(breakName('Dreikönigenviertel'), ['Dreikönigen-', 'viertel'])
})

test('a hyphen is kept at the end of the line', () => {
  assert.deepEqual(breakName('Furth-Mitte / Morgensternsheide'), ['Furth-Mitte /', 'Morgensterns-', 'heide'])
})

test('boxes overlap by their common area', () => {
  const box = { x: 0, y: 0, width: 10, height: 4 }

  assert.equal(overlap(box, { ...box, x: 6, y: 1 }), 12) // 4 wide, 3 high
  assert.equal(overlap(box, { ...box, x: 10 }), 0)
})

test('labels with room keep their place', () => {
  const boxes = [{ x: 0, y: 0, width: 10, height: 10 }, { x: 100, y: 0, width: 10, height: 10 }]

  assert.deepEqual(placeLabels(boxes), [{ dx: 0, dy: 0, isShort: false }, { dx: 0, dy: 0, isShort: false }])
})

test('the second of two labels on one spot moves away', () => {
  const box = { x: 0, y: 0, width: 40, height: 10 }

  const [first, second] = placeLabels([box, box])

  assert.deepEqual(first, { dx: 0, dy: 0, isShort: false })
  assert.equal(overlap(box, { ...box, x: second.dx, y: second.dy }), 0)
})

test('a label takes the first of its places that covers no circle', () => {
  const circle = { x: 0, y: 20, width: 30, height: 20 }
  const label = { x: 0, y: 0, width: 30, height: 10, places: [[0, 15], [0, -15]] }

  assert.deepEqual(placeLabels([label], [circle]), [{ dx: 0, dy: -15, isShort: false }])
  assert.deepEqual(placeLabels([label]), [{ dx: 0, dy: 15, isShort: false }])
})

test('a label without room loses its name', () => {
  const wall = { x: 0, y: 0, width: 400, height: 90 }
  const label = { x: 0, y: 40, width: 60, height: 60, short: { width: 40, height: 12 } }

  const [short] = placeLabels([label], [wall])

  assert.equal(short.isShort, true)
  assert.equal(overlap({ ...label, ...label.short, y: label.y + short.dy }, wall), 0)
  assert.equal(placeLabels([{ ...label, short: undefined }], [wall])[0].isShort, false)
})
