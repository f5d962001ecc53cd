// Classes say how an area looks; withheld ones always keep their look.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPale, labelLine, needsLightInk } from '../../static/js/lib/classes.js'

const shown = { class: 'e', letter: 'E', label: '15,3', dimmed: false }
const withheld = { class: 'protected', letter: '•', label: 'geschützt', dimmed: false }

test('dark classes carry light ink unless pale', () => {
  assert.equal(needsLightInk('e', false), true)
  assert.equal(needsLightInk('e', true), false)
  assert.equal(needsLightInk('a', false), false)
})

test('a highlighted class pales the others but never a withheld area', () => {
  assert.equal(isPale(shown, 'a'), true)
  assert.equal(isPale(shown, 'e'), false)
  assert.equal(isPale(shown, null), false)
  assert.equal(isPale(withheld, 'a'), false)
})

test('the label gives letter and value, the word where a value is withheld, nothing where pale', () => {
  assert.equal(labelLine(shown), 'E 15,3')
  assert.equal(labelLine(withheld), 'geschützt')
  assert.equal(labelLine({ ...shown, label: '', dimmed: true }), '')
})
