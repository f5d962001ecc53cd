// Opens and closes dialogs; the browser gives the focus back to the opener.
export function startDialogs() {
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('.js-open-dialog')
    const dialog = opener && document.getElementById(opener.dataset.dialog)
    if (dialog) {
      event.preventDefault()
      dialog.showModal()
      return
    }
    if (event.target.closest('.js-close')) event.target.closest('dialog')?.close()
  })
  document.addEventListener('submit', (event) => {
    if ('closesDialog' in event.target.dataset) event.target.closest('dialog')?.close()
  })
}
