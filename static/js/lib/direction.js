// Which area lies next in a direction. Pure: no DOM, no Leaflet.

/** @typedef {{number: number, x: number, y: number}} Centre  x to the right, y down */

export const DIRECTIONS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

const SIDEWAYS_COST = 2.2

/**
 * The nearest area ahead; a step sideways counts more than a step ahead.
 * @param {Centre[]} centres
 * @param {number} from number of the present area
 * @param {{x: number, y: number}} direction
 * @returns {number|null} null at the edge
 */
export function nextInDirection(centres, from, direction) {
  const start = centres.find((centre) => centre.number === from)
  if (!start) throw new RangeError(`${from} is not among the areas`)
  let best = null
  for (const centre of centres) {
    const dx = centre.x - start.x
    const dy = centre.y - start.y
    const ahead = dx * direction.x + dy * direction.y
    if (centre.number === from || ahead <= 0) continue
    const cost = ahead + SIDEWAYS_COST * Math.abs(dx * direction.y + dy * direction.x)
    if (best === null || cost < best.cost) best = { cost, number: centre.number }
  }
  return best === null ? null : best.number
}
