
'use strict';
(() => {
  const form = document.getElementById('filter');
  if (!form) return;
  const findings = [...document.querySelectorAll('details.finding')];
  const components = [...document.querySelectorAll('section.component')];
  const levels = [...document.querySelectorAll('h3.level')];
  const rows = [...document.querySelectorAll('tr.app, tr.other')];
  const boxes = [...form.querySelectorAll('[name=severity]')];
  const unfold = document.getElementById('unfold');
  const text = new Map();
  const textOf = (element) => {
    if (!text.has(element)) text.set(element, element.textContent.toLowerCase());
    return text.get(element);
  };
  const show = (element, shown) => element.toggleAttribute('data-out', !shown);
  const visible = () => findings.filter((finding) => !finding.hasAttribute('data-out'));

  const filter = () => {
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const every = severities.size === boxes.length;
    const rule = form.elements.rule.value;
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (list, test) => list.split(' ').some(test);
    const fits = (element) =>
      (every || has(element.dataset.severity, (it) => severities.has(it))) &&
      (!rule || has(element.dataset.rule, (it) => it === rule));
    let count = 0;
    for (const component of components) {
      const head = textOf(component.querySelector('h4')) + ' ' + textOf(component.querySelector('.file'));
      let some = false;
      for (const finding of component.querySelectorAll('details.finding')) {
        const shown = fits(finding) && words.every((word) => head.includes(word) || textOf(finding).includes(word));
        show(finding, shown);
        some = some || shown;
        count += shown;
      }
      show(component, some);
    }
    for (const level of levels) {
      show(level, visible().some((finding) => finding.dataset.severity === level.dataset.severity));
    }
    for (const row of rows) {
      const name = row.textContent.toLowerCase() + ' ' + row.querySelector('th').title.toLowerCase();
      show(row, fits(row) && words.every((word) => name.includes(word) || row.dataset.rule.includes(word)));
    }
    document.getElementById('shown').value = count + ' of ' + findings.length + ' shown';
  };

  form.hidden = false;
  document.documentElement.classList.add('js');
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  unfold.addEventListener('click', () => {
    const open = visible().some((finding) => !finding.open);
    for (const finding of visible()) finding.open = open;
    unfold.textContent = open ? 'Close all' : 'Open all';
  });
  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches('input, select, textarea');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.text.focus();
    } else if (event.key === 'Escape' && form.contains(event.target)) {
      form.reset();
    }
  });
  // A link leads to what the filter may have taken away.
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.closest('[data-out]')) form.reset();
    for (let it = target.closest('details'); it; it = it.parentElement.closest('details')) it.open = true;
    setTimeout(() => target.scrollIntoView());
  };
  // A printout has all findings and what their rules say: these are opened for it. Lists of what has no findings stay
  // folded, unless the reader opened them. Recent browsers do this without a script.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open], .optional, .optional details, .rule[data-severity=""])')];
    for (const details of folded) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of folded) details.open = false;
  });
  addEventListener('hashchange', reveal);
  reveal();
  filter();
})();
