// Copies the address of the view.
import { say } from './status.js'

export function startCopy() {
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('.js-copy')
    if (!button) return
    const isCopied = await copy(location.href)
    say(isCopied ? 'Der Verweis auf diese Ansicht ist kopiert.' : 'Der Verweis steht in der Adresszeile des Browsers.')
    button.classList.toggle('is-done', isCopied)
    setTimeout(() => button.classList.remove('is-done'), 1500)
  })
}

/** @param {string} text */
async function copy(text) {
  if (!navigator.clipboard) return false
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
