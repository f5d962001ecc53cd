// How names are broken and where labels stand so that they do not cover each other. Pure.

const LONG_WORD = 11
const LONG_LINE = 12
const ENDINGS = ['viertel', 'hausen', 'heide', 'berg', 'feld', 'gebiet', 'dorf', 'stadt', 'siedlung']

/**
 * Break an area's name into lines: "Furth-Mitte / Morgensternsheide" into three.
 * @param {string} name
 * @returns {string[]}
 */
export function breakName(name) {
  const words = name.split(/\s+/).flatMap(breakWord)
  const lines = []
  for (const word of words) {
    const last = lines.at(-1)
    const joined = last === undefined ? '' : last.endsWith('-') ? last + word : `${last} ${word}`
    const fits = last !== undefined && joined.length <= LONG_LINE && !last.endsWith('-')
    if (word === '/' && last !== undefined) lines[lines.length - 1] = `${last} /`
    else if (fits) lines[lines.length - 1] = joined
    else lines.push(word)
  }
  return lines
}

/** @param {string} word */
function breakWord(word) {
  if (word.length <= LONG_WORD) return [word]
  const hyphen = word.indexOf('-')
  if (hyphen > 0) return [word.slice(0, hyphen + 1), ...breakWord(word.slice(hyphen + 1))]
  const ending = ENDINGS.find((part) => word.toLowerCase().endsWith(part) && word.length > part.length + 2)
  if (!ending) return [word]
  const cut = word.length - ending.length
  return [`${word.slice(0, cut)}-`, word.slice(cut)]
}

/**
 * @typedef {{x: number, y: number, width: number, height: number, places?: [number, number][],
 *   short?: {width: number, height: number}}} Box
 * x, y: its centre; places: shifts to begin with, best first; short: its size without the name
 */

const CROWDED = 0.05 // of a label covered by others: from here on its name cannot be read
const ASTRAY = 25 // pixels from its place: from here on a name would rather be read as that of a neighbour

const SHIFTS = [[0, 0]]
for (const far of [6, 12, 18, 24]) {
  SHIFTS.push([0, far], [0, -far], [far, 0], [-far, 0], [far, far], [-far, far], [far, -far], [-far, -far])
}

/**
 * Move labels a little so that they overlap as little as possible; the first keep their place. One that finds no
 * room loses its name.
 * @param {Box[]} boxes
 * @param {Box[]} [obstacles] what no label should cover
 * @returns {{dx: number, dy: number, isShort: boolean}[]} one shift per box, in the same order
 */
export function placeLabels(boxes, obstacles = []) {
  const placed = [...obstacles]
  return boxes.map((box) => {
    const whole = bestPlace(box, placed)
    const isHindered = whole.covered > CROWDED * box.width * box.height || whole.far > ASTRAY
    const isShort = Boolean(box.short) && isHindered
    const { dx, dy, moved } = isShort ? bestPlace({ ...box, ...box.short }, placed) : whole
    placed.push(moved)
    return { dx, dy, isShort }
  })
}

/** Where a box covers the least of what is placed, near to where it wants to be. */
function bestPlace(box, placed) {
  let best = null
  for (const { dx, dy, far } of shiftsOf(box)) {
    const moved = { ...box, x: box.x + dx, y: box.y + dy }
    const covered = placed.reduce((sum, other) => sum + overlap(moved, other), 0)
    const cost = covered * 4 + far
    if (best === null || cost < best.cost) best = { cost, covered, far, dx, dy, moved }
    if (covered === 0) break
  }
  return best
}

/** All shifts of a box, the nearest to one of its places first. */
function shiftsOf({ places = [[0, 0]] }) {
  return SHIFTS.flatMap(([x, y]) => places.map(([dx, dy]) => ({ dx: dx + x, dy: dy + y, far: Math.hypot(x, y) })))
}

/**
 * How much of one box another covers, in square pixels.
 * @param {Box} one
 * @param {Box} other
 */
export function overlap(one, other) {
  const width = (one.width + other.width) / 2 - Math.abs(one.x - other.x)
  const height = (one.height + other.height) / 2 - Math.abs(one.y - other.y)
  return width > 0 && height > 0 ? width * height : 0
}
