// The map beside the risk filter: matches in colour, the others pale.
import { say } from '../ui/status.js'
import { createStage, readConfig, showMapFailure } from './stage.js'

export function startFilterPage() {
  const bench = document.querySelector('.js-filter-page')
  if (!bench) return
  const element = bench.querySelector('.js-map')
  const page = { stage: null, chosen: null, features: countFeatures() }
  build(page, element)
  document.addEventListener('htmx:afterSwap', () => refresh(page))
  document.addEventListener('mouseover', (event) => choose(page, event.target.closest?.('.hits tr')))
  document.addEventListener('focusin', (event) => choose(page, event.target.closest?.('.hits tr')))
}

async function build(page, element) {
  try {
    page.stage = await createStage(element, (number) => showRow(page, number))
    element.dataset.ready = 'true'
  } catch {
    showMapFailure(element)
  }
}

function refresh(page) {
  const address = document.getElementById('filter-arbeit').dataset.address
  if (address) history.replaceState(null, '', address)
  const config = readConfig()
  document.querySelector('.js-map-indicator').textContent = config.indicator
  page.stage?.show(config)
  page.stage?.choose(null)
  page.chosen = null
  placeFocus(page)
  say([...document.querySelectorAll('.bignum, .js-untested')].map((part) => part.textContent.trim()).join('. '))
}

/** A new feature gets the focus; where the focused button is gone, the number of matches does. */
function placeFocus(page) {
  const before = page.features
  page.features = countFeatures()
  if (page.features > before) document.querySelector('.crit:last-of-type .crit__box')?.focus()
  else if (document.activeElement === document.body) document.querySelector('.bignum').focus()
}

function countFeatures() {
  return document.querySelectorAll('.crit').length
}

/** Outline the area of a row of the list. */
function choose(page, row) {
  const number = row ? Number(row.dataset.area) : null
  if (!row || number === page.chosen) return
  page.chosen = number
  page.stage?.choose(number)
}

/** Lead from the map to the row of the list. */
function showRow(page, number) {
  page.chosen = number
  page.stage.choose(number)
  for (const row of document.querySelectorAll('.hits tr[data-area]')) row.classList.toggle('is-selected', Number(row.dataset.area) === number)
  const hit = document.querySelector(`.hits tr[data-area="${number}"] a`)
  if (hit) hit.focus()
  else say(`${page.stage.state.areas.get(number).spoken}. Dieses Gebiet ist kein Treffer.`)
}
