// In which order the rows of a table stand. Pure: no DOM.

/** @typedef {{value: string, name: string}} SortKey  value "" = withheld or missing */

const collator = new Intl.Collator('de', { numeric: true })

/**
 * The order of the rows as indices. Rows without a value always come last, so that sorting tells nothing of them.
 * @param {SortKey[]} keys
 * @param {'text'|'number'} kind
 * @param {'ascending'|'descending'} direction
 * @returns {number[]}
 */
export function orderRows(keys, kind, direction) {
  const sign = direction === 'descending' ? -1 : 1
  const compare = kind === 'number' ? (one, other) => Number(one) - Number(other) : collator.compare
  return keys
    .map((key, index) => ({ ...key, index }))
    .sort((one, other) => {
      if ((one.value === '') !== (other.value === '')) return one.value === '' ? 1 : -1
      const byValue = one.value === '' ? 0 : sign * compare(one.value, other.value)
      return byValue || collator.compare(one.name, other.name)
    })
    .map((key) => key.index)
}

/**
 * The direction after a click on a heading.
 * @param {string|null} present aria-sort of the heading
 * @returns {'ascending'|'descending'}
 */
export function nextDirection(present) {
  return present === 'ascending' ? 'descending' : 'ascending'
}
