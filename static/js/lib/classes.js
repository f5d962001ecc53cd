// What follows from an area's class: letters, ink and paleness. Looks up, computes no figure. Pure.

export const CLASSES = ['a', 'b', 'c', 'd', 'e']
export const WITHHELD = ['protected', 'missing']
const DARK_CLASSES = ['d', 'e']

/**
 * Whether a label on this class needs light ink.
 * @param {string} code
 * @param {boolean} isDimmed
 */
export function needsLightInk(code, isDimmed) {
  return DARK_CLASSES.includes(code) && !isDimmed
}

/**
 * Whether an area is pale: no match of the filter, or another class than the highlighted one.
 * @param {{class: string, dimmed: boolean}} area
 * @param {string|null} highlighted
 */
export function isPale(area, highlighted) {
  if (WITHHELD.includes(area.class)) return false
  return area.dimmed || (highlighted !== null && area.class !== highlighted)
}

/**
 * The second line of a map label: "E 15,3", "geschützt", or nothing for a pale area.
 * @param {{class: string, letter: string, label: string, dimmed: boolean}} area
 */
export function labelLine(area) {
  if (area.dimmed && !WITHHELD.includes(area.class)) return ''
  if (WITHHELD.includes(area.class)) return area.label
  return `${area.letter} ${area.label}`
}
