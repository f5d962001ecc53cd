// The map page: what is shown stands in the address; every change is one step back.
import { readAddress, showSameFigures, writeAddress } from '../lib/address.js'
import { fetchParts, swapParts } from '../ui/parts.js'
import { say } from '../ui/status.js'
import { highlightClass } from './areas.js'
import { createStage, readConfig, showMapFailure } from './stage.js'

const NARROW = '(max-width: 700px)'
const OF_INTEREST = '[data-code], [data-area], [data-view-link], [data-cells]'

export function startMapPage() {
  const bench = document.querySelector('.js-map-page')
  if (!bench) return
  const page = { bench, view: readAddress(location.pathname, location.search), stage: null, loading: null }
  // Narrow screens begin with the list unless the address names a view.
  const isNamed = new URLSearchParams(location.search).has('ansicht')
  if (matchMedia(NARROW).matches && !isNamed) page.view.ansicht = 'tabelle'
  // A copied address must lead to the same figures after the next release, too.
  if (page.view.stand === '') page.view.stand = String(readConfig().version)
  history.replaceState(null, '', writeAddress(page.view))
  listen(page)
  showView(page)
}

function listen(page) {
  document.addEventListener('click', (event) => onClick(page, event))
  document.addEventListener('keydown', onKey)
  document.addEventListener('change', (event) => onChange(page, event))
  window.addEventListener('popstate', () => {
    const view = readAddress(location.pathname, location.search)
    if (view) apply(page, view)
    else location.reload()
  })
}

function onClick(page, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
  const skip = event.target.closest('.skip[data-shows]')
  if (skip) return jump(page, event, skip)
  const legend = event.target.closest('.legend__class')
  if (legend) return highlight(page, legend)
  const link = event.target.closest(OF_INTEREST)
  if (!link || !link.matches('a')) return
  event.preventDefault()
  go(page, changeOf(page, link.dataset))
}

/** A link that acts as a button is pressed by the space bar, too. */
function onKey(event) {
  if (event.key !== ' ' || !event.target.matches('a[role="button"]')) return
  event.preventDefault()
  event.target.click()
}

/** What a link changes of the view; choosing the chosen area again lets it go. */
function changeOf(page, { code, area, viewLink, cells }) {
  if (cells !== undefined) return { zellen: !page.view.zellen }
  if (code) return { code }
  if (area) return { gebiet: Number(area) }
  const isChosenView = viewLink === 'karte' || viewLink === 'tabelle' || viewLink === 'blickpunkt'
  return isChosenView ? { ansicht: viewLink } : {}
}

function onChange(page, event) {
  if (event.target.matches('.js-datenstand')) go(page, { stand: event.target.value })
  if (event.target.matches('.js-patterns')) page.bench.classList.toggle('has-patterns', event.target.checked)
}

function highlight(page, button) {
  const isOn = button.getAttribute('aria-pressed') !== 'true'
  for (const one of document.querySelectorAll('.legend__class')) one.setAttribute('aria-pressed', String(one === button && isOn))
  if (page.stage) highlightClass(page.stage.state, isOn ? button.dataset.class : null)
}

function jump(page, event, skip) {
  event.preventDefault()
  const isHidden = document.querySelector(skip.hash).offsetParent === null
  if (isHidden) go(page, { ansicht: skip.dataset.shows })
  document.querySelector(skip.hash).focus()
}

/** Take a step: new address, then what it shows. */
async function go(page, change) {
  const view = { ...page.view, ...change }
  if (writeAddress(view) === writeAddress(page.view)) return
  history.pushState(null, '', writeAddress(view))
  await apply(page, view)
}

async function apply(page, view) {
  const before = page.view
  page.view = view
  try {
    if (!showSameFigures(before, view)) await load(page, writeAddress(view))
    else if (before.gebiet !== view.gebiet) await load(page, areaAddress(view))
  } catch (error) {
    if (error.name === 'AbortError') return
    location.assign(writeAddress(view))
    return
  }
  showView(page)
  document.dispatchEvent(new CustomEvent('kodala:view-changed'))
}

/** The fragment of an area; without a chosen area the whole page is asked. */
function areaAddress(view) {
  const [path, query] = writeAddress(view).split('?')
  return view.gebiet === null ? `${path}?${query}` : `${path}blickpunkt/${view.gebiet}/?${query}`
}

async function load(page, address) {
  page.loading?.abort()
  page.loading = new AbortController()
  const source = await fetchParts(address, page.loading.signal)
  const title = source.querySelector('title')?.textContent
  if (title) document.title = title
  swapParts(source)
  page.stage?.show(readConfig())
  if (page.stage) highlightClass(page.stage.state, null)
}

function showView(page) {
  const { ansicht, gebiet } = page.view
  page.bench.dataset.view = ansicht
  mark('[data-view-link]', (link) => link.dataset.viewLink === ansicht && !link.closest('.bench__right, .bench__map'))
  mark('.tree [data-area], .bench__table [data-area]', (link) => Number(link.dataset.area) === gebiet)
  for (const row of document.querySelectorAll('.bench__table tr[data-area]')) row.classList.toggle('is-selected', Number(row.dataset.area) === gebiet)
  announce(page)
  if (page.stage) page.stage.choose(gebiet)
  else if (isMapVisible(page)) buildMap(page)
}

function mark(selector, isCurrent) {
  for (const link of document.querySelectorAll(selector)) {
    if (link.matches('a') && isCurrent(link)) link.setAttribute('aria-current', 'true')
    else link.removeAttribute('aria-current')
  }
}

function announce(page) {
  const config = readConfig()
  const area = config.areas.find((one) => one.number === page.view.gebiet)
  const spoken = area?.spoken ?? config.city
  const figures = `${config.indicator}, ${config.datenstand}`
  say(page.said === undefined || page.said === figures ? spoken : `${figures}. ${spoken}`)
  page.said = figures
  document.querySelector('.js-mapstrip span').textContent = area?.spoken ?? 'Gebiet auf der Karte wählen'
}

function isMapVisible(page) {
  return page.bench.querySelector('.js-map').offsetParent !== null
}

async function buildMap(page) {
  if (page.isBuilding) return
  page.isBuilding = true
  const element = page.bench.querySelector('.js-map')
  try {
    const choose = (number) => go(page, { gebiet: number === page.view.gebiet ? null : number })
    page.stage = await createStage(element, choose)
    page.stage.choose(page.view.gebiet)
    element.dataset.ready = 'true'
  } catch {
    showMapFailure(element)
  }
}
