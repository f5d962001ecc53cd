// The menu button of narrow screens and the menu of the person.
export function startMenu() {
  const button = document.querySelector('.js-menu')
  const menu = document.querySelector('.mainnav')
  button?.addEventListener('click', () => {
    const isOpen = button.getAttribute('aria-expanded') !== 'true'
    button.setAttribute('aria-expanded', String(isOpen))
    menu.classList.toggle('is-open', isOpen)
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    if (button?.getAttribute('aria-expanded') === 'true') {
      button.click()
      button.focus()
    }
    closePersonMenu(true)
  })
  document.addEventListener('click', (event) => {
    if (!event.target.closest('.user')) closePersonMenu(false)
  })
}

/** @param {boolean} returnsFocus */
function closePersonMenu(returnsFocus) {
  const open = document.querySelector('.user[open]')
  if (!open) return
  open.removeAttribute('open')
  if (returnsFocus) open.querySelector('summary').focus()
}
