/** Of the page of results: one column, no script, colours for light and dark. */
export const style = `
:root {
  color-scheme: light dark;
  --back: #fbfaf8; --card: #fff; --text: #1d1f23; --dim: #5c626b; --line: #dedcd6;
  --pass: #17703a; --pass-back: #dff2e4; --fail: #a31621; --fail-back: #fbe1e1;
  --known: #805000; --known-back: #fbeccb; --none: #5c626b; --none-back: #ecebe7;
  --link: #1c56a8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #15171a; --card: #1d2024; --text: #e8e6e1; --dim: #a3a8b0; --line: #34383e;
    --pass: #7ed99b; --pass-back: #1b3d2a80; --fail: #ff9c9c; --fail-back: #4a1c1f80;
    --known: #f0c26a; --known-back: #47371480; --none: #a3a8b0; --none-back: #2a2e33;
    --link: #8ab8ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
h4 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .25rem 0; }
a { color: var(--link); }
.dim { color: var(--dim); font-size: .875rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 1rem 0; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem; margin: .6rem 0;
}
.bar { display: flex; height: .7rem; border-radius: .35rem; overflow: hidden; margin: .35rem 0; }
.bar span { min-width: 3px; }
.bar .pass { background: #2e9e5b; } .bar .fail { background: #d33a45; }
.bar .known { background: #d99a2b; } .bar .none { background: #9aa0a8; }
.chips { display: flex; flex-wrap: wrap; gap: .3rem; margin: .4rem 0; padding: 0; list-style: none; }
.chips.named::before { content: attr(data-name); color: var(--dim); font-size: .8rem; width: 100%; }
.chip { border-radius: .3rem; padding: 0 .45rem; font-size: .85rem; }
.pass { color: var(--pass); } .chip.pass { background: var(--pass-back); }
.fail { color: var(--fail); } .chip.fail { background: var(--fail-back); }
.known { color: var(--known); } .chip.known { background: var(--known-back); }
.none { color: var(--none); } .chip.none { background: var(--none-back); }
pre {
  white-space: pre-wrap; margin: .35rem 0; padding: .5rem; background: var(--none-back);
  border-radius: .3rem; font-size: .8rem;
}
summary { cursor: pointer; }
.document > summary { font-size: 1.1rem; font-weight: 600; padding: .35rem 0; }
ul.tests { padding-left: 1.1rem; margin: .35rem 0; }
ul.tests li { margin: .4rem 0; }
.test { margin: .6rem 0; } .test h4 { font-weight: 500; }
.reason { border-left: 3px solid var(--line); padding-left: .6rem; margin: .4rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; }
@media print { details > * { display: block; } nav { display: none; } }
`;
