// The address of the map page and the view it stands for. Pure: no DOM, no history.

/**
 * What the map page shows.
 * @typedef {{code: string, stand: string, gebiet: number|null, ansicht: string, zellen: boolean}} MapView
 */

export const VIEWS = ['karte', 'tabelle', 'blickpunkt']

/**
 * Read a view from a path like /karte/debt_rate/ and its query; null for any other page.
 * @param {string} path
 * @param {string} query
 * @returns {MapView|null}
 */
export function readAddress(path, query) {
  const found = /^\/karte\/([\w-]+)\/$/.exec(path)
  if (!found) return null
  const parts = new URLSearchParams(query)
  const area = parts.get('gebiet') ?? ''
  const view = parts.get('ansicht') ?? ''
  return {
    code: found[1],
    stand: parts.get('stand') ?? '',
    gebiet: /^\d{1,6}$/.test(area) ? Number(area) : null,
    ansicht: VIEWS.includes(view) ? view : VIEWS[0],
    zellen: parts.get('zellen') === '1',
  }
}

/**
 * Write the address of a view; the order of its parts is the server's.
 * @param {MapView} view
 * @returns {string}
 */
export function writeAddress(view) {
  const parts = new URLSearchParams()
  if (view.stand !== '') parts.set('stand', view.stand)
  if (view.gebiet !== null) parts.set('gebiet', String(view.gebiet))
  parts.set('ansicht', view.ansicht)
  if (view.zellen) parts.set('zellen', '1')
  return `/karte/${view.code}/?${parts}`
}

/**
 * Whether two views need the same figures from the server.
 * @param {MapView} one
 * @param {MapView} other
 */
export function showSameFigures(one, other) {
  return one.code === other.code && one.stand === other.stand && one.zellen === other.zellen
}
