// The areas on the map: class colours or circles, labels, chosen outline, pale ones. Words come from the server.
import { isPale, labelLine, needsLightInk } from '../lib/classes.js'
import { holdsLetter, isCounted, labelPlaces } from '../lib/circles.js'
import { breakName, placeLabels } from '../lib/labels.js'
import { draw } from './canvas.js'
import { circleBoxes, drawCircles, paintCircles } from './circles.js'

const NARROW = '(max-width: 700px)'

/**
 * @typedef {{number: number, name: string, class: string, letter: string, label: string, text: string,
 *            joined: string, compared: string, spoken: string, dimmed: boolean, circle: number|null, cells: string|undefined}} MapArea
 * joined: "gemeinsam mit …" where several areas show one figure, else ""
 * circle: share of the largest radius where the area shows a number, null where it shows a share or nothing
 */

/** Draw all areas once; `show` colours them anew. */
export function createAreas(canvas) {
  const layers = new Map()
  const state = { canvas, layers, areas: new Map(), highlighted: null, chosen: null, rings: {}, labels: [], circles: new Map() }
  draw(canvas, 'city', canvas.outlines, 'city-line').addTo(canvas.map)
  draw(canvas, 'ground', canvas.outlines, 'area-ground').addTo(canvas.map)
  draw(canvas, 'areas', canvas.outlines, 'area', {
    interactive: true,
    onEachFeature: (feature, layer) => layers.set(feature.id, layer),
  }).addTo(canvas.map)
  draw(canvas, 'lines', canvas.outlines, 'area-line').addTo(canvas.map)
  canvas.map.on('zoomend', () => arrangeLabels(state))
  return state
}

/**
 * Colour and label all areas.
 * @param {MapArea[]} areas
 */
export function showAreas(state, areas) {
  state.areas = new Map(areas.map((area) => [area.number, area]))
  for (const [number, layer] of state.layers) {
    const path = layer.getElement()
    path.setAttribute('aria-label', state.areas.get(number)?.spoken ?? '')
    path.dataset.area = number
  }
  drawCircles(state)
  writeLabels(state)
  paint(state)
}

/** Pale all classes but one; null shows all. */
export function highlightClass(state, code) {
  state.highlighted = code
  paint(state)
}

function paint(state) {
  for (const [number, layer] of state.layers) {
    const area = state.areas.get(number)
    const path = layer.getElement()
    const look = state.cells ? 'clear' : isCounted(area) ? 'neutral' : area?.class ?? 'missing'
    path.setAttribute('class', `area leaflet-interactive area--${look}`)
    path.classList.toggle('is-dimmed', area && !isCounted(area) ? isPale(area, state.highlighted) : false)
  }
  state.canvas.map.getContainer().dataset.highlighted = state.highlighted ?? ''
  paintCircles(state)
  for (const label of state.labels) tintLabel(state, label)
}

function tintLabel(state, { element, number, isOnFill }) {
  const area = state.areas.get(number)
  const isDimmed = area ? isPale(area, state.highlighted) : false
  element.classList.toggle('maplabel--count', isCounted(area) || Boolean(state.cells))
  element.classList.toggle('maplabel--light', isOnFill && !state.cells && needsLightInk(area?.class, isDimmed))
  element.classList.toggle('maplabel--dim', isDimmed)
}

/** Draw the threefold outline of the chosen area. */
export function chooseArea(state, number) {
  state.chosen = number
  ring(state, 'chosen', number, ['ring ring--halo', 'ring ring--dark', 'ring ring--core'])
  for (const [one, layer] of state.layers) layer.getElement().setAttribute('aria-pressed', String(one === number))
}

/** Outline an area for a while: `kind` "hover" or "focus"; null takes it away. */
export function outlineArea(state, kind, number) {
  const strokes = { hover: ['ring ring--hover'], focus: ['ring ring--focus-halo', 'ring ring--focus'] }
  ring(state, kind, number, strokes[kind])
}

function ring(state, kind, number, strokes) {
  state.rings[kind]?.remove()
  const feature = state.canvas.outlines.features.find((one) => one.id === number)
  if (!feature) return
  const lines = strokes.map((stroke) => draw(state.canvas, 'rings', feature, stroke))
  state.rings[kind] = state.canvas.L.layerGroup(lines).addTo(state.canvas.map)
}

function writeLabels(state) {
  for (const label of state.labels) label.marker.remove()
  const isNarrow = matchMedia(NARROW).matches
  state.labels = state.canvas.outlines.features.map((feature) => {
    const area = state.areas.get(feature.id)
    const element = labelElement(feature, area, isNarrow)
    const place = [feature.properties.label_lat, feature.properties.label_lon]
    const icon = state.canvas.L.divIcon({ className: '', html: element, iconSize: [0, 0] })
    const marker = state.canvas.L.marker(place, { pane: 'labels', icon, interactive: false, keyboard: false })
    const radius = state.circles.get(feature.id)?.radius ?? 0
    const isHeld = isNarrow && holdsLetter(radius)
    const ground = { radius, isHeld, isOnFill: isHeld || !isCounted(area) }
    return { marker: marker.addTo(state.canvas.map), element, place, number: feature.id, ...ground }
  })
  arrangeLabels(state)
}

function labelElement(feature, area, isNarrow) {
  const element = document.createElement('span')
  const isDimmed = area?.dimmed ?? false
  element.className = 'maplabel'
  element.classList.toggle('maplabel--letter', isNarrow)
  const lines = isNarrow || !area ? [] : breakName(feature.properties.name)
  if (lines.length) element.append(nameElement(lines))
  const value = document.createElement('b')
  value.textContent = isNarrow ? (isDimmed ? '' : area?.letter ?? '') : area ? labelLine(area) : ''
  element.append(value)
  return element
}

function nameElement(lines) {
  const name = document.createElement('span')
  name.className = 'maplabel__name'
  for (const line of lines) name.append(line, document.createElement('br'))
  return name
}

/** Keep the labels apart and off the circles; a letter inside its circle stays there. */
function arrangeLabels(state) {
  const free = state.labels.filter(({ isHeld }) => !isHeld)
  const [shorts, wholes] = [true, false].map((isShort) => sizesOf(free, isShort))
  const boxes = free.map(({ place, radius }, index) => {
    const { x, y } = state.canvas.map.latLngToLayerPoint(place)
    return { x, y, ...wholes[index], short: shorts[index], places: labelPlaces(radius, wholes[index]) }
  })
  const shifts = placeLabels(boxes, circleBoxes(state))
  for (const [index, { element }] of free.entries()) {
    element.style.left = `${shifts[index].dx}px`
    element.style.top = `${shifts[index].dy}px`
    element.classList.toggle('maplabel--short', shifts[index].isShort)
  }
}

/** How large the labels are with or without their names. */
function sizesOf(labels, isShort) {
  for (const { element } of labels) element.classList.toggle('maplabel--short', isShort)
  return labels.map(({ element }) => ({ width: element.offsetWidth - 4, height: element.offsetHeight - 2 }))
}
