// The search box finds names however they are typed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits } from '../../static/js/lib/matching.js'

test('umlauts and case do not matter', () => {
  assert.equal(fits('Dreikönigenviertel', 'DREIKONIG'), true)
  assert.equal(fits('Weißenberg', 'weissen'), true)
})

test('every word must occur', () => {
  assert.equal(fits('Stadionviertel / Westfeld', 'west stadion'), true)
  assert.equal(fits('Stadionviertel / Westfeld', 'west norf'), false)
})

test('an empty box fits everything', () => {
  assert.equal(fits('Norf', '  '), true)
})
