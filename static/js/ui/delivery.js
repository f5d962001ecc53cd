// The page of a delivery: tells how far it is, counts open columns, marks where a file may be dropped.

/** Say the stage aloud when it changes; the swapped part itself would be read anew each second. */
function announceStages() {
  const status = document.querySelector('.js-status')
  let last = ''
  document.addEventListener('htmx:afterSwap', () => {
    const said = document.getElementById('lieferung-stand')?.dataset.said ?? ''
    if (!status || !said || said === last) return
    last = said
    status.textContent = said
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
  announceStages()
  for (const form of document.querySelectorAll('.js-columns')) countOpenColumns(form)
  for (const area of document.querySelectorAll('.js-drop')) acceptDrops(area)
}
