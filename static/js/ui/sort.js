// Sorts a table by the heading that is clicked.
import { nextDirection, orderRows } from '../lib/sorting.js'

const ICONS = { ascending: 'up', descending: 'down' }

export function startSort() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.js-sortable .sort')
    if (button) sortBy(button.closest('th'))
  })
}

/** @param {HTMLTableCellElement} heading */
function sortBy(heading) {
  const table = heading.closest('table')
  const direction = nextDirection(heading.getAttribute('aria-sort'))
  const column = heading.cellIndex
  const rows = [...table.tBodies[0].rows]
  const keys = rows.map((row) => ({ value: row.cells[column].dataset.value ?? '', name: row.cells[0].textContent.trim() }))
  for (const other of table.querySelectorAll('thead th[data-sort]')) mark(other, other === heading ? direction : null)
  table.tBodies[0].append(...orderRows(keys, heading.dataset.sort, direction).map((index) => rows[index]))
}

/**
 * @param {Element} heading
 * @param {'ascending'|'descending'|null} direction
 */
function mark(heading, direction) {
  if (direction === null) heading.removeAttribute('aria-sort')
  else heading.setAttribute('aria-sort', direction)
  heading.querySelector('use').setAttribute('href', `#icon-${direction === null ? 'sort' : ICONS[direction]}`)
}
