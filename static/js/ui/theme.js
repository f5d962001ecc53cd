// Light or dark; this choice is the only thing kept in the browser.
const KEY = 'kodala-theme'

export function startTheme() {
  show()
  document.addEventListener('click', (event) => {
    if (!event.target.closest('.js-theme')) return
    const root = document.documentElement
    const isDark = root.dataset.theme !== 'dark'
    if (isDark) root.dataset.theme = 'dark'
    else delete root.dataset.theme
    try { localStorage.setItem(KEY, isDark ? 'dark' : 'light') } catch { /* a closed store only forgets the choice */ }
    show()
  })
}

function show() {
  const isDark = document.documentElement.dataset.theme === 'dark'
  for (const button of document.querySelectorAll('.js-theme')) button.setAttribute('aria-pressed', String(isDark))
}
