// The print button.
export function startPrint() {
  document.addEventListener('click', (event) => {
    if (event.target.closest('.js-print')) window.print()
  })
}
