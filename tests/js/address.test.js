// The address of the map page reproduces the view.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAddress, showSameFigures, writeAddress } from '../../static/js/lib/address.js'

test('reads indicator, datenstand, area and view', () => {
  assert.deepEqual(readAddress('/karte/debt_rate/', '?stand=4&gebiet=8&ansicht=tabelle'), {
    code: 'debt_rate', stand: '4', gebiet: 8, ansicht: 'tabelle', zellen: false,
  })
})

test('leaves out what it does not understand', () => {
  const view = readAddress('/karte/debtors/', '?gebiet=8%3Cscript%3E&ansicht=alles')

  assert.deepEqual(view, { code: 'debtors', stand: '', gebiet: null, ansicht: 'karte', zellen: false })
})

test('is null on another page', () => {
  assert.equal(readAddress('/filter/', ''), null)
})

test('writes what it read', () => {
  for (const cells of ['', '&zellen=1']) {
    const address = `/karte/type_3/?stand=2&gebiet=24&ansicht=karte${cells}`
    const [path, query] = address.split('?')

    assert.equal(writeAddress(readAddress(path, query)), address)
  }
})

test('the same figures serve another area, not another datenstand', () => {
  const view = { code: 'debt_rate', stand: '4', gebiet: 8, ansicht: 'karte', zellen: false }

  assert.equal(showSameFigures(view, { ...view, gebiet: 9, ansicht: 'tabelle' }), true)
  assert.equal(showSameFigures(view, { ...view, stand: '3' }), false)
  assert.equal(showSameFigures(view, { ...view, zellen: true }), false)
})
