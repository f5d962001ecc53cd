// The Leaflet map: ground, layers of drawing, zoom. Colours come from map.css alone.
const PANES = { city: 350, ground: 360, cells: 380, areas: 400, lines: 410, rings: 420, circles: 430, labels: 440 }
const WITHOUT_RENDERER = ['cells', 'circles', 'labels']
const MARGIN = 14

/**
 * Create the map in an element and load the outlines of the areas.
 * @param {HTMLElement} element
 * @param {string} address where the outlines are
 */
export async function createCanvas(element, address) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`)
  const outlines = await answer.json()
  const L = window.L
  const map = L.map(element, {
    zoomSnap: 0.05,
    zoomDelta: 0.5,
    zoomControl: false,
    attributionControl: false,
    keyboard: false,
    fadeAnimation: false,
    maxBoundsViscosity: 1,
  })
  L.control.zoom({ position: 'topleft', zoomInTitle: 'Vergrößern', zoomOutTitle: 'Verkleinern' }).addTo(map)
  const canvas = { L, map, outlines, renderers: {}, bounds: L.geoJSON(outlines).getBounds() }
  for (const [name, level] of Object.entries(PANES)) addPane(canvas, name, level)
  showAll(canvas)
  return canvas
}

function addPane(canvas, name, level) {
  const pane = canvas.map.createPane(name)
  pane.style.zIndex = level
  if (name !== 'areas') pane.style.pointerEvents = 'none'
  if (!WITHOUT_RENDERER.includes(name)) canvas.renderers[name] = canvas.L.svg({ pane: name, padding: 0.6 })
}

/** Show the whole city; also after the element has changed its size. */
export function showAll(canvas) {
  canvas.map.invalidateSize({ animate: false })
  const strip = canvas.map.getContainer().parentElement.querySelector('.js-mapstrip')
  const foot = MARGIN + (strip?.offsetHeight ?? 0)
  const edges = { paddingTopLeft: [MARGIN, MARGIN], paddingBottomRight: [MARGIN, foot] }
  canvas.map.fitBounds(canvas.bounds, { ...edges, animate: false })
  canvas.map.setMinZoom(canvas.map.getZoom() - 0.5)
  canvas.map.setMaxBounds(canvas.bounds.pad(0.4))
}

/**
 * Draw outlines into a pane.
 * @param {string} pane
 * @param {object} features GeoJSON
 * @param {string} className
 * @param {object} [options]
 */
export function draw(canvas, pane, features, className, options = {}) {
  const style = { className, pane, renderer: canvas.renderers[pane], interactive: false }
  return canvas.L.geoJSON(features, { ...style, style: () => ({ className }), ...options })
}
