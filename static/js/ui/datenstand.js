// The selector of the Datenstand: the map page exchanges its figures in place, every other page is opened anew.
export function startDatenstand() {
  document.addEventListener('change', (event) => {
    if (!event.target.matches('.js-datenstand') || document.querySelector('.js-map-page')) return
    if (document.querySelector('.js-filter-page')) reopen(event.target.value)
    else event.target.form.requestSubmit()
  })
}

/** The address in the browser is newer than the form's: it holds the criteria chosen since. */
function reopen(version) {
  const address = new URL(location.href)
  address.searchParams.set('stand', version)
  location.assign(address)
}
