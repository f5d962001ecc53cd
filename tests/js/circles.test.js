// Circles: their area is the number; withheld and pale areas have none; labels stand beside them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circleBox, circleRadius, holdsLetter, isCounted, labelPlaces } from '../../static/js/lib/circles.js'

const largest = { class: 'e', circle: 1 }

test('the largest number has the fixed radius of the width', () => {
  assert.equal(circleRadius(largest, 1440), 26)
  assert.equal(circleRadius(largest, 1920), 26)
  assert.equal(circleRadius(largest, 1070), 21.5) // half way
  assert.equal(circleRadius(largest, 390), 17)
})

test('half the radius is a quarter of the number', () => {
  assert.equal(circleRadius({ class: 'b', circle: 0.5 }, 1440), 13)
})

test('a small number stays visible, a true zero has no circle', () => {
  assert.equal(circleRadius({ class: 'a', circle: 0.01 }, 1440), 3)
  assert.equal(circleRadius({ class: 'a', circle: 0 }, 1440), 0)
})

test('a share, a withheld area and an unknown one have no circle', () => {
  assert.equal(circleRadius({ class: 'e', circle: null }, 1440), 0)
  assert.equal(circleRadius({ class: 'protected', circle: 0.5 }, 1440), 0)
  assert.equal(circleRadius(undefined, 1440), 0)
})

test('an area with a number has no class colour, even where its circle is left out', () => {
  assert.equal(isCounted({ class: 'a', circle: 0 }), true)
  assert.equal(isCounted({ class: 'a', circle: null }), false)
  assert.equal(isCounted({ class: 'missing', circle: null }), false)
})

test('a letter stands in a circle that holds it', () => {
  assert.equal(holdsLetter(8), true)
  assert.equal(holdsLetter(7.9), false)
})

test('a label stands below its circle, then above, right and left of it', () => {
  assert.deepEqual(labelPlaces(10, { width: 40, height: 20 }), [[0, 21], [0, -21], [32, 0], [-32, 0]])
  assert.deepEqual(labelPlaces(0, { width: 40, height: 20 }), [[0, 0]])
})

test('the box that labels avoid is as large as the circle', () => {
  const { x, y, width, height } = circleBox({ x: 5, y: 7 }, 10)

  assert.deepEqual([x, y], [5, 7])
  assert.equal(Math.round(width * height), 314) // π · 10²
})
