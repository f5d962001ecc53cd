// The arrow keys walk from area to area.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIRECTIONS, nextInDirection } from '../../static/js/lib/direction.js'

const CROSS = [
  { number: 1, x: 0, y: 0 },
  { number: 2, x: 10, y: 0 },
  { number: 3, x: -10, y: 0 },
  { number: 4, x: 0, y: -10 },
  { number: 5, x: 0, y: 10 },
]

test('each arrow leads to the neighbour on its side', () => {
  const reached = ['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown'].map((key) => nextInDirection(CROSS, 1, DIRECTIONS[key]))

  assert.deepEqual(reached, [2, 3, 4, 5])
})

test('straight ahead wins over near but sideways', () => {
  const centres = [{ number: 1, x: 0, y: 0 }, { number: 2, x: 4, y: 6 }, { number: 3, x: 12, y: 1 }]

  // 4 + 2.2·6 = 17.2 against 12 + 2.2·1 = 14.2
  assert.equal(nextInDirection(centres, 1, DIRECTIONS.ArrowRight), 3)
})

test('nothing lies beyond the edge', () => {
  assert.equal(nextInDirection(CROSS, 2, DIRECTIONS.ArrowRight), null)
})

test('an unknown start is an error', () => {
  assert.throws(() => nextInDirection(CROSS, 99, DIRECTIONS.ArrowUp), /99 is not among the areas/)
})
