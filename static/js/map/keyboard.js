// The keyboard on the map: one stop in the tab order, arrows walk, Enter chooses, + − 0 zoom.
import { DIRECTIONS, nextInDirection } from '../lib/direction.js'
import { showAll } from './canvas.js'
import { outlineArea } from './areas.js'

/**
 * @param {object} state of the areas
 * @param {{onChoose: (number: number) => void, onPoint: (number: number|null) => void}} reactions
 */
export function startKeyboard(state, { onChoose, onPoint }) {
  const paths = [...state.layers].map(([number, layer]) => ({ number, path: layer.getElement() }))
  for (const { number, path } of paths) {
    path.setAttribute('role', 'button')
    path.setAttribute('tabindex', '-1')
    path.addEventListener('focus', () => { if (path.matches(':focus-visible')) point(state, number, onPoint) })
    path.addEventListener('blur', () => point(state, null, onPoint))
    path.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); onChoose(number) }
      if (event.key === 'Escape') point(state, null, onPoint)
      if (event.key in DIRECTIONS) { event.preventDefault(); walk(state, paths, number, event.key) }
      zoom(state.canvas, event)
    })
  }
  moveStop(paths, state.chosen ?? paths[0]?.number)
  return { moveStop: (number) => moveStop(paths, number) }
}

function point(state, number, onPoint) {
  outlineArea(state, 'focus', number)
  onPoint(number)
}

function moveStop(paths, number) {
  for (const one of paths) one.path.setAttribute('tabindex', one.number === number ? '0' : '-1')
}

function walk(state, paths, from, key) {
  const centres = state.canvas.outlines.features.map(({ id, properties }) => {
    const { x, y } = state.canvas.map.latLngToLayerPoint([properties.label_lat, properties.label_lon])
    return { number: id, x, y }
  })
  const next = nextInDirection(centres, from, DIRECTIONS[key])
  if (next === null) return
  moveStop(paths, next)
  keepInSight(state, next)
  paths.find((one) => one.number === next).path.focus({ preventScroll: true })
}

/** Move the enlarged map so far that the focused area is seen. */
function keepInSight(state, number) {
  const centre = state.layers.get(number).getBounds().getCenter()
  state.canvas.map.panInside(centre, { padding: [80, 80], animate: false })
}

function zoom(canvas, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === '+') canvas.map.zoomIn(0.5)
  else if (event.key === '-') canvas.map.zoomOut(0.5)
  else if (event.key === '0') showAll(canvas)
  else return
  event.preventDefault()
}
