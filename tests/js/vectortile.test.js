// Vector tiles as PostGIS writes them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathOf, readTile } from '../../static/js/lib/vectortile.js'

// ST_AsMVT of a square with a hole (class b, number 300) and of two triangles (protected, number 7).
const TILE = Buffer.from(
  '1a85010a0d646973706c61795f63656c6c7312241204000001011803221a0900001ac8010000c801c701000f09289f011a28000028'
  + '27000f121f120400020103180322150990030012140000090f09b4010a12140000904e0f1a05636c6173731a066e756d6265722203'
  + '0a0162220328ac02220b0a0970726f746563746564220228072880207802', 'hex')

test('reads class, number and rings of every feature', () => {
  const { extent, features } = readTile(TILE)

  assert.equal(extent, 4096)
  assert.deepEqual(features.map(({ properties }) => properties), [
    { class: 'b', number: 300 }, { class: 'protected', number: 7 },
  ])
  assert.deepEqual(features[0].rings, [
    [[0, 0], [100, 0], [100, 100], [0, 100]],
    [[20, 20], [40, 20], [40, 40], [20, 40]],
  ])
  assert.deepEqual(features[1].rings.map(([first]) => first), [[200, 0], [300, 0]])
  assert.equal(features[1].rings[1].at(-1)[1], 5000)
})

test('an empty tile has no features', () => {
  assert.deepEqual(readTile(new ArrayBuffer(0)), { extent: 4096, features: [] })
})

test('a tile that breaks off is an error, not half a map', () => {
  assert.throws(() => readTile(Buffer.from('1a85', 'hex')), RangeError)
})

test('rings become one closed path each, in pixels', () => {
  assert.equal(pathOf([[[0, 0], [100, 0], [100, 41]], [[16, 16]]], 1 / 16), 'M0 0L6.25 0L6.25 2.56ZM1 1Z')
})
