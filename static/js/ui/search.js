// Filters the tree of indicators and areas while somebody types; opens it on narrow screens.
import { fits } from '../lib/matching.js'

export function startSearch() {
  const input = document.querySelector('.js-search input')
  if (!input) return
  input.addEventListener('input', () => filterTree(input.value))
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') clear(input)
    if (event.key === 'Enter') visibleLinks()[0]?.click()
  })
  const button = document.querySelector('.js-tree')
  button.addEventListener('click', () => openTree(button, button.getAttribute('aria-expanded') !== 'true'))
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') openTree(button, false) })
  document.addEventListener('kodala:view-changed', () => { clear(input); openTree(button, false) })
}

/** Show the whole tree or hide it again; a focus that would be hidden goes to the heading. */
function openTree(button, isOpen) {
  if (isOpen === (button.getAttribute('aria-expanded') === 'true')) return
  const hidesFocus = !isOpen && document.activeElement.closest('.tree, .bench__options')
  button.setAttribute('aria-expanded', String(isOpen))
  button.closest('.bench__left').classList.toggle('is-open', isOpen)
  if (hidesFocus) document.querySelector('h1').focus({ preventScroll: true })
}

/** @param {HTMLInputElement} input */
function clear(input) {
  if (input.value === '') return
  input.value = ''
  filterTree('')
}

function visibleLinks() {
  return [...document.querySelectorAll('.tree li:not([hidden]) a')]
}

/** @param {string} typed */
function filterTree(typed) {
  const tree = document.querySelector('.tree')
  const isSearching = typed.trim() !== ''
  tree.classList.toggle('is-searching', isSearching)
  for (const group of tree.querySelectorAll('details')) {
    const items = [...group.querySelectorAll('li')]
    for (const item of items) item.hidden = isSearching && !fits(item.textContent, typed)
    group.hidden = items.every((item) => item.hidden)
    if (isSearching) group.open = true
    else if (group.classList.contains('js-areas')) group.open = false
  }
  tree.querySelector('.js-search-empty').hidden = !isSearching || visibleLinks().length > 0
}
