/** The style sheet of the page: light and dark, phone and desktop, paper. No style attributes: the page forbids them. */
import { chartRules, DARK, LIGHT, type Palette } from '../charts/palette.ts';

function variables({ ground, surface, text, muted, rule, accent, gain, loss }: Palette): string {
  return `--ground:${ground};--surface:${surface};--text:${text};--muted:${muted};--rule:${rule};--accent:${accent};--gain:${gain};--loss:${loss};`;
}

const LAYOUT = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main,header,footer,nav{max-width:66rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:0 0 .25rem;line-height:1.3}
p{margin:.4rem 0;max-width:46rem}
a{color:var(--accent)}
.subtitle,.lead,.words,.note{color:var(--muted)}
.lead{margin-top:0}
.words,.note,small{font-size:.85rem;line-height:1.4}
small{display:block;color:var(--muted)}
section{padding:1.25rem 0;border-top:1px solid var(--rule)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0;padding:.75rem 0;font-size:.9rem}
.gain{color:var(--gain)}.loss{color:var(--loss)}
#verdict p{font-size:1.05rem}
p.gain,p.loss{border-left:.25rem solid currentColor;padding-left:.75rem}
p.gain,p.loss{color:var(--text);border-color:var(--rule)}
p.gain{border-color:var(--gain)}p.loss{border-color:var(--loss)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(11.5rem,1fr));gap:.5rem;margin:.75rem 0}
.facts>div{background:var(--surface);border-radius:.4rem;padding:.6rem .75rem}
.facts dt{color:var(--muted);font-size:.85rem}
.facts dd{margin:0}
.facts .value{font-size:1.15rem;overflow-wrap:normal;font-weight:600;font-variant-numeric:tabular-nums;display:block}
figure{margin:.75rem 0}
figcaption{font-weight:600;margin-bottom:.25rem}
svg{display:block;width:100%;height:auto;touch-action:pan-y}
.narrow{display:none}
.readout{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center;margin:.25rem 0}
.readout input{flex:1 1 14rem;min-width:0;accent-color:var(--accent)}
.readout output{font-variant-numeric:tabular-nums;min-height:1.5em}
.scroll{overflow-x:auto;container-type:inline-size;margin:.5rem 0}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:.25rem}
th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
td,tbody th{overflow-wrap:normal;white-space:nowrap}
tbody th{font-weight:400}
tbody th,thead th:first-child{position:sticky;left:0;background:var(--ground)}
td.long,th.long{white-space:normal;min-width:12rem}
td:first-child,tbody th:first-child,thead th:first-child{padding-left:0}
thead th{color:var(--muted);font-weight:600;font-size:.85rem;white-space:nowrap;vertical-align:bottom}
caption{overflow-wrap:normal}
caption span{display:block;position:sticky;left:0;width:fit-content;max-width:100%;max-width:100cqi}
.number{text-align:right;white-space:nowrap}
button,input,select{font:inherit;color:inherit}
thead button{all:unset;cursor:pointer;font-weight:600}
thead button::after{content:"\\2195";opacity:.45;padding-left:.25em;font-weight:400}
[aria-sort=ascending] button::after{content:"\\2191";opacity:1}
[aria-sort=descending] button::after{content:"\\2193";opacity:1}
:focus-visible,table button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.controls button,.controls input,.controls select{background:var(--surface);border:1px solid var(--rule);border-radius:.3rem;padding:.3rem .6rem;min-height:2.25rem}
tbody button{all:unset;cursor:pointer;color:var(--accent);text-decoration:underline;padding:.25rem 0}
#trade-list tbody th{white-space:normal;max-width:12rem;overflow-wrap:anywhere}
tbody button[aria-expanded=true]{font-weight:600}
td[colspan]{white-space:normal;overflow-wrap:anywhere}
.controls button{cursor:pointer}
.controls button:disabled{opacity:.45;cursor:default}
.controls{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:end;margin:.5rem 0}
.controls label{display:grid;font-size:.85rem;color:var(--muted)}
.controls label>*{color:var(--text);font-size:1rem;min-width:0;max-width:100%}
.detail{position:sticky;left:0;width:100%;width:100cqi;padding:.25rem .25rem 1rem 0}
details{margin:.25rem 0 .75rem}
summary{cursor:pointer;color:var(--accent);font-size:.9rem;padding:.3rem 0}
dl.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.25rem 1.25rem;margin:.5rem 0;font-size:.92rem}
dl.pairs dt{color:var(--muted);font-size:.85rem}
dl.pairs dd{margin:0}
dl.glossary dt{font-weight:600;margin-top:.6rem}
dl.glossary dd{margin:0;max-width:46rem}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
footer{padding-top:1rem;padding-bottom:2rem;border-top:1px solid var(--rule);color:var(--muted);font-size:.85rem}`;

const PHONE = `@media (max-width:40rem){
body{font-size:15px}
h1{font-size:1.3rem}
.wide,.extra{display:none}
.narrow{display:block}
.facts{grid-template-columns:1fr 1fr}
th,td{padding:.35rem .45rem}
table{font-size:.88rem}
th.long{min-width:7.5rem}
td.when{white-space:normal;min-width:5.2rem}
}`;

const PAPER = `@media print{
@page{margin:14mm}
body{font-size:10pt}
main,header,footer{max-width:none;padding:0}
nav,.readout,.controls,.c-cross,thead button::after,.screen{display:none!important}
tbody button{color:inherit;text-decoration:none}
tbody th,thead th:first-child{position:static}
.wide{display:block}.narrow{display:none}
.extra{display:table-cell}
.scroll{overflow:visible;container-type:normal}
caption span{max-width:none}
table{font-size:7.5pt}
th,td{padding:.15rem .3rem;white-space:normal}
.facts{grid-template-columns:repeat(5,1fr);gap:.2rem}
.facts>div{padding:.3rem .4rem;border:1px solid var(--rule)}
.facts .value{font-size:11pt}
small,.facts dt,.note,.words{font-size:7.5pt}
details{margin:.1rem 0}summary{font-size:8pt;color:var(--muted)}
dl.pairs{grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));font-size:7.5pt}
dl.pairs dt{font-size:7.5pt}
dl.glossary{columns:2;font-size:8pt}
#verdict p{font-size:10pt}
section{padding:.6rem 0}
thead{display:table-header-group}
tr,p,figure,.short,.facts>div,.detail,dl.pairs>div{break-inside:avoid}
h2,.lead,caption,figcaption,summary{break-after:avoid}
a{color:inherit;text-decoration:none}
}`;

/** The whole style sheet. */
export function pageStyle(): string {
  return [
    `:root{color-scheme:light dark;${variables(LIGHT)}}`,
    LAYOUT,
    chartRules(LIGHT),
    `@media screen and (prefers-color-scheme:dark){:root{${variables(DARK)}}\n${chartRules(DARK)}}`,
    PHONE,
    PAPER,
  ].join('\n');
}
