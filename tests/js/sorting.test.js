// Sorting a table tells nothing about withheld values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextDirection, orderRows } from '../../static/js/lib/sorting.js'

const KEYS = [
  { value: '9.4', name: 'Norf' },
  { value: '', name: 'Hammfeld' },
  { value: '15.3', name: 'Weckhoven' },
  { value: '', name: 'Grefrath' },
]

test('numbers are compared as numbers', () => {
  assert.deepEqual(orderRows(KEYS, 'number', 'ascending'), [0, 2, 3, 1])
})

test('rows without a value come last in both directions, by name', () => {
  assert.deepEqual(orderRows(KEYS, 'number', 'descending'), [2, 0, 3, 1])
})

test('names are compared as in a German dictionary', () => {
  const keys = ['Zons', 'Öl', 'Olga'].map((name) => ({ value: name, name }))

  assert.deepEqual(orderRows(keys, 'text', 'ascending'), [1, 2, 0])
})

test('a second click turns the order round', () => {
  assert.equal(nextDirection(null), 'ascending')
  assert.equal(nextDirection('ascending'), 'descending')
  assert.equal(nextDirection('descending'), 'ascending')
})
