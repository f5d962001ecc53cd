// Replaces the parts of a page by those of another answer of the server, keeping the focus.
// Where the focused link is gone, the heading of the page gets the focus.

/**
 * Fetch a page or fragment of this server. Throws if it does not answer with a page.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<Document>}
 */
export async function fetchParts(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: 'text/html' } })
  if (!answer.ok || answer.redirected) throw new Error(`${address} answers ${answer.status}`)
  return new DOMParser().parseFromString(await answer.text(), 'text/html')
}

/** @param {Document} source */
export function swapParts(source) {
  const focused = document.activeElement
  for (const part of source.querySelectorAll('[data-part]')) {
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`)
    if (!old) continue
    const top = old.scrollTop
    old.replaceWith(document.adoptNode(part))
    part.scrollTop = top
  }
  if (focused.isConnected) return
  const same = focused.id && document.getElementById(focused.id)
  ;(same || document.querySelector('h1'))?.focus({ preventScroll: true })
}
