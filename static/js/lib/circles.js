// How large the circles of a number are and where their labels stand. The share comes from the server. Pure.
import { WITHHELD } from './classes.js'

const LARGEST = 26
const LARGEST_NARROW = 17
const [NARROW, WIDE] = [700, 1440]
const SMALLEST = 3
const LETTER_ROOM = 8
const SQUARE_OF_CIRCLE = Math.sqrt(Math.PI)

/**
 * Whether an area shows a number (as a circle) and not a share (as its fill).
 * @param {{class: string, circle?: number|null}|undefined} area
 */
export function isCounted(area) {
  return area !== undefined && typeof area.circle === 'number' && !WITHHELD.includes(area.class)
}

/**
 * The radius of an area's circle in pixels; 0 = no circle: a share, a true zero, a withheld or a pale area.
 * @param {{class: string, circle?: number|null}|undefined} area circle: share of the largest radius, 0 … 1
 * @param {number} width of the window in pixels
 */
export function circleRadius(area, width) {
  if (!isCounted(area) || area.circle === 0) return 0
  return Math.max(SMALLEST, area.circle * largestRadius(width))
}

/** The radius of the largest number: 17 px up to a width of 700, evenly growing to 26 px from 1440 on. */
function largestRadius(width) {
  const step = Math.min(1, Math.max(0, (width - NARROW) / (WIDE - NARROW)))
  return LARGEST_NARROW + step * (LARGEST - LARGEST_NARROW)
}

/**
 * Whether a lone letter fits into a circle; otherwise it stands beside it.
 * @param {number} radius pixels
 */
export function holdsLetter(radius) {
  return radius >= LETTER_ROOM
}

/**
 * The places of a label beside its circle, best first: below, above, right, left; without a circle its centre.
 * @param {number} radius pixels
 * @param {{width: number, height: number}} label
 * @returns {[number, number][]} shifts from the circle's centre to the label's centre
 */
export function labelPlaces(radius, { width, height }) {
  if (radius === 0) return [[0, 0]]
  const [across, down] = [radius + width / 2 + 2, radius + height / 2 + 1]
  return [[0, down], [0, -down], [across, 0], [-across, 0]]
}

/**
 * What no label should cover: the square as large as the circle.
 * @param {{x: number, y: number}} centre
 * @param {number} radius pixels
 */
export function circleBox({ x, y }, radius) {
  const side = radius * SQUARE_OF_CIRCLE
  return { x, y, width: side, height: side }
}
