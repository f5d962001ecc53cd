// The circles of a number: one per area at its label point. Their sizes come from the server, fills from map.css.
import { isPale } from '../lib/classes.js'
import { circleBox, circleRadius } from '../lib/circles.js'

const SVG = 'http://www.w3.org/2000/svg'

/**
 * Draw the circles of the shown areas in place of the former ones; none for a share. Small ones lie on top.
 * @param {object} state of the areas
 */
export function drawCircles(state) {
  for (const { marker } of state.circles.values()) marker.remove()
  state.circles = new Map()
  for (const { id, properties } of state.canvas.outlines.features) {
    const radius = circleRadius(state.areas.get(id), window.innerWidth)
    if (radius === 0) continue
    const place = [properties.label_lat, properties.label_lon]
    state.circles.set(id, { place, radius, ...addCircle(state.canvas, id, place, radius) })
  }
}

function addCircle({ L, map }, number, place, radius) {
  const circle = shape('circle', { r: radius, 'data-area': number })
  const drawing = shape('svg', { class: 'mapcircle', width: 1, height: 1, 'aria-hidden': 'true', focusable: 'false' })
  drawing.append(shape('circle', { class: 'circle--halo', r: radius }), circle)
  const icon = L.divIcon({ className: '', html: drawing, iconSize: [0, 0] })
  const options = { pane: 'circles', icon, interactive: false, keyboard: false, zIndexOffset: -1e4 * Math.round(radius) }
  return { marker: L.marker(place, options).addTo(map), circle }
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}

/** Give every circle the colour of its class; pale where another class is highlighted. */
export function paintCircles(state) {
  for (const [number, { circle }] of state.circles) {
    const area = state.areas.get(number)
    circle.setAttribute('class', `circle circle--${area.class}`)
    circle.classList.toggle('is-dimmed', isPale(area, state.highlighted))
  }
}

/** Where the circles lie now: what no label should cover. */
export function circleBoxes(state) {
  return [...state.circles.values()].map(({ place, radius }) => circleBox(state.canvas.map.latLngToLayerPoint(place), radius))
}
