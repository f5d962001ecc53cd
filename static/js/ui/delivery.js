// The pages of a delivery and its release: say what changed, count open columns, mark where a file may be dropped.
import { say } from './status.js'

/** Say what a swapped part shows, once; the part itself would be read anew each second. */
function announceParts() {
  const last = new Map()
  document.addEventListener('htmx:afterSwap', (event) => {
    const id = event.detail.target?.id
    const said = (id && document.getElementById(id)?.dataset.said) || ''
    if (!said || said === last.get(id)) return
    last.set(id, said)
    say(said)
  })
}

/** Where the button or link that was used is gone with the old part, go on in the new part. */
function keepFocus() {
  document.addEventListener('htmx:afterSettle', (event) => {
    const id = event.detail.target?.id
    const part = id && document.getElementById(id)
    if (!part?.hasAttribute('tabindex') || document.activeElement !== document.body) return
    const next = part.querySelector('[aria-invalid="true"]') ?? part
    next.focus({ preventScroll: next === part })
  })
}

/** A link that swaps a part has the address of the whole page with it: that one can be copied and reloaded. */
function keepAddress() {
  document.addEventListener('htmx:afterSettle', (event) => {
    const link = event.detail.requestConfig?.elt
    if (link?.matches('a[href]')) history.replaceState(null, '', link.href)
  })
}

/** Keep the number of open columns below the table up to date. */
function countOpenColumns(form) {
  const line = form.querySelector('[data-open-count]')
  const fields = [...form.querySelectorAll('select[name^="field-"]')]
  if (!line) return
  form.addEventListener('change', (event) => {
    if (!fields.includes(event.target)) return
    const open = fields.filter((field) => field.value === '')
    for (const field of fields) field.closest('tr').classList.toggle('is-selected', field.value === '')
    line.textContent = sentence(open.length)
  })
}

function sentence(number) {
  if (number === 0) return 'Alle Spalten sind zugeordnet.'
  return number === 1 ? '1 Spalte ist noch offen.' : `${number} Spalten sind noch offen.`
}

/** A file dropped anywhere on the area goes into its file field. */
function acceptDrops(area) {
  const input = area.querySelector('input[type="file"]')
  if (!input) return
  for (const name of ['dragenter', 'dragover']) {
    area.addEventListener(name, (event) => {
      event.preventDefault()
      area.classList.add('is-over')
    })
  }
  for (const name of ['dragleave', 'drop']) {
    area.addEventListener(name, () => area.classList.remove('is-over'))
  }
  area.addEventListener('drop', (event) => {
    event.preventDefault()
    if (event.dataTransfer.files.length !== 1) return
    input.files = event.dataTransfer.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
    input.focus()
  })
}

export function startDelivery() {
  announceParts()
  keepFocus()
  keepAddress()
  for (const form of document.querySelectorAll('.js-columns')) countOpenColumns(form)
  for (const area of document.querySelectorAll('.js-drop')) acceptDrops(area)
}
