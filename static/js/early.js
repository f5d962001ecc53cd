// Before the first paint: chosen theme, and the mark that scripts run.
{
  const root = document.documentElement
  root.classList.add('has-js')
  let theme = null
  try { theme = localStorage.getItem('kodala-theme') } catch { theme = null }
  if (theme === 'dark') root.dataset.theme = 'dark'
}
