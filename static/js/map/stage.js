// A map on a page: canvas, areas, pointer and keyboard together. Used by the map page and the filter.
import { chooseArea, createAreas, outlineArea, showAreas } from './areas.js'
import { showCells } from './cells.js'
import { createCanvas, showAll } from './canvas.js'
import { createCard } from './hover.js'
import { startKeyboard } from './keyboard.js'
import { showNote } from './note.js'

/** The description of the map that the server put on the page. */
export function readConfig() {
  return JSON.parse(document.getElementById('map-config').textContent)
}

/**
 * Build the map and show the areas of the page's description.
 * @param {HTMLElement} element
 * @param {(number: number) => void} onChoose
 */
export async function createStage(element, onChoose) {
  const config = readConfig()
  const canvas = await createCanvas(element, config.geometry)
  const state = createAreas(canvas)
  show(state, config)
  const showCard = createCard(state, element.parentElement.querySelector('.js-hovercard'))
  for (const [number, layer] of state.layers) {
    layer.on('click', () => onChoose(number))
    layer.on('mouseover', () => outlineArea(state, 'hover', number))
    layer.on('mousemove', (event) => showCard(number, event.originalEvent))
    layer.on('mouseout', () => { outlineArea(state, 'hover', null); showCard(null) })
  }
  const keyboard = startKeyboard(state, { onChoose, onPoint: (number) => showCard(number) })
  const refit = watchSize(canvas, element)
  watchPrinting(canvas, element)
  return {
    state,
    // The legend may have pushed the map: fitted first, it asks for each tile once.
    show: (described) => { refit(); show(state, described) },
    choose: (number) => { chooseArea(state, number); if (number !== null) keyboard.moveStop(number) },
  }
}

function show(state, { areas, cells }) {
  showCells(state, cells)
  showAreas(state, areas)
}

/** Fit the city into the map whenever its element has another size; gives the function that does so now. */
function watchSize(canvas, element) {
  let size = canvas.map.getSize()
  const refit = () => {
    const isNew = element.clientWidth !== size.x || element.clientHeight !== size.y
    if (!isNew || element.clientWidth === 0) return
    showAll(canvas)
    size = canvas.map.getSize()
  }
  new ResizeObserver(refit).observe(element)
  return refit
}

/** Paper has its own width: the map is fitted to it before printing and back afterwards. */
function watchPrinting(canvas, element) {
  const fit = (isPrinting) => {
    element.classList.toggle('is-printing', isPrinting)
    if (element.clientWidth > 0) showAll(canvas)
  }
  window.addEventListener('beforeprint', () => fit(true))
  window.addEventListener('afterprint', () => fit(false))
}

/** Say in place of the map that it could not be drawn; the table has all figures. */
export function showMapFailure(element) {
  showNote(element, 'Die Karte konnte nicht geladen werden. Alle Werte stehen in der Tabelle; beim erneuten Laden der Seite wird die Karte wieder versucht.')
}
