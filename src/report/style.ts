import { PLOT_STYLE } from './timing-plot.ts';

/**
 * The look of the page: no font, no picture, no address from outside; light and dark by the reader's own setting. Colours are told apart by people who do not
 * see all of them (after Okabe and Ito), and none says anything that a sign, a word or a pattern does not say too.
 */
const COLOURS = `
:root{color-scheme:light dark;--bg:#fff;--fg:#16191d;--dim:#57606b;--line:#d4d9df;--card:#f6f7f9;--inner:#fff;--good:#00694a;--bad:#a83200;--open:#7a5200;--link:#0a58a8;
--calm:#8fc4e8;--waiting:#e6b84d;--running:#4fb193;--leaving:#d3a0bf;--ended:#a8afb7;--failed:#e0752f;--absent:#eceff2;--fault:#d55e0026;--hit:#d55e0055;--request:#0072b2;--mark:#fff3c9}
@media (prefers-color-scheme:dark){:root{--bg:#121518;--fg:#e6e9ed;--dim:#9ba5b0;--line:#343b43;--card:#1a1e23;--inner:#14181c;--good:#5fd0a8;--bad:#ff9966;--open:#efc25e;--link:#7cc0ff;
--calm:#2f6a94;--waiting:#94700f;--running:#1c7a5c;--leaving:#85516f;--ended:#535b64;--failed:#b3500f;--absent:#22272d;--fault:#ff8a3d2b;--hit:#ff8a3d55;--request:#7cc0ff;--mark:#4a3d10}}`;

const TEXT = `
*{box-sizing:border-box}html{scroll-padding-top:5.5rem}
body{margin:0 auto;padding:1rem;max-width:84rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:.2rem 0 .6rem}h2{font-size:1.2rem;margin:1.8rem 0 .5rem}h3{font-size:1rem;margin:1.3rem 0 .4rem}p{margin:.4rem 0}a{color:var(--link)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;background:var(--bg);padding:.3rem .6rem;z-index:9}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.dim{color:var(--dim)}.holds,.same{color:var(--good)}.fails,.different{color:var(--bad);font-weight:600}.inconclusive,.unstable{color:var(--open);font-weight:600}.known{color:var(--link)}.not-compared,.not-played{color:var(--dim)}
.sign{font-weight:700}code,kbd{font:.87em ui-monospace,monospace}kbd{border:1px solid var(--line);border-radius:4px;padding:0 .3em}
.command{display:inline-block;padding:.15rem .5rem;background:var(--inner);border:1px solid var(--line);border-radius:4px;user-select:all}
.anchor{text-decoration:none;opacity:.55;padding:0 .25em}.anchor:hover,.anchor:focus{opacity:1}
:target{background:var(--mark);outline:2px solid var(--open)}[hidden]{display:none!important}`;

const HEAD = `
.tiles{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;padding:0;margin:.6rem 0}.tiles li{border:1px solid var(--line);border-radius:6px;padding:.25rem .7rem;background:var(--card);font-weight:400}.tiles b{font-size:1.25rem}
.facts{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;margin:.4rem 0;font-size:.87rem}.facts div{display:flex;gap:.35rem}dt{color:var(--dim)}dd{margin:0}
.since ul{margin:.2rem 0;padding-left:1.2rem}
header{display:contents}form#finder{position:sticky;top:0;z-index:5;display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .8rem;background:var(--bg);border-bottom:1px solid var(--line);padding:.5rem 0}
input,select,button{font:inherit;color:inherit;background:var(--inner);border:1px solid var(--dim);border-radius:5px;padding:.15rem .5rem;max-width:100%}button{cursor:pointer}
input[type=search]{width:15rem}.keys summary{cursor:pointer}`;

const TABLES = `
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem;overflow-wrap:normal}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
thead th{position:sticky;top:0}tbody th{font-weight:500}th.family{background:var(--card);font-weight:600}.number{text-align:right;white-space:nowrap}td.reason{min-width:15rem}table.wide td{min-width:8rem}
.chip{display:inline-block;text-decoration:none;white-space:nowrap;border:1px solid var(--line);border-radius:4px;padding:0 .35em;margin:0 0 .15rem}.chip .sign{margin-right:.2em}.chip:hover{border-color:currentColor}
table.links{width:auto}table.links caption{text-align:left;color:var(--dim);font-size:.85rem}table.links td,table.links th{border:1px solid var(--line);font-size:.82rem}.self{background:var(--line)}.open-link{color:var(--dim)}.cut-link{background:var(--fault)}`;

const SECTIONS = `
.scenario{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.4rem .8rem;margin:.6rem 0;content-visibility:auto;contain-intrinsic-size:auto 3rem}.scenario[open]{contain-intrinsic-size:auto 60rem}
.scenario>summary{cursor:pointer;font-weight:600;padding:.2rem 0}.scenario>summary .dim{font-weight:400}
.claim,.difference{border-top:1px solid var(--line);padding:.3rem 0}.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:.5rem}
.side{background:var(--inner);border:1px solid var(--line);border-radius:6px;padding:.35rem .6rem;min-width:0;font-size:.92rem}
.evidence{font-size:.85rem;margin-top:.2rem}.evidence summary{cursor:pointer;color:var(--dim)}.evidence ol,.excerpt{margin:.3rem 0;padding:0;list-style:none;font-size:.83rem}
.evidence li,.excerpt li{padding:.1rem .3rem;border-top:1px dotted var(--line)}.at{display:inline-block;min-width:3.6em;font-variant-numeric:tabular-nums;color:var(--dim)}
.n{color:var(--dim);white-space:nowrap;font-size:.9em}.excerpt .differs{background:var(--fault);border-left:4px solid var(--failed)}.excerpt .differs .at::before{content:'≠ ';font-weight:700;color:var(--bad)}
.evidence dl{margin:.2rem 0}.evidence dd{margin:0 0 .3rem}.cause{border-left:4px solid var(--failed);padding-left:.6rem}`;

const TIMELINE = `
.key{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;padding:0;margin:.2rem 0;font-size:.83rem}.tone{display:inline-block;width:1em;height:.9em;border-radius:2px;margin-right:.35em;vertical-align:-.1em;border:1px solid var(--dim)}
.tone.running{background:var(--running)}.tone.waiting{background:repeating-linear-gradient(90deg,var(--waiting) 0 3px,var(--inner) 3px 4px)}.tone.calm{background:repeating-linear-gradient(180deg,var(--calm) 0 4px,var(--inner) 4px 5px)}.tone.leaving{background:repeating-linear-gradient(45deg,var(--leaving) 0 3px,var(--inner) 3px 5px)}
.tone.ended{background:radial-gradient(var(--inner) 1.1px,var(--ended) 1.3px) 0 0/5px 5px}.tone.failed{background:repeating-linear-gradient(-45deg,var(--failed) 0 3px,var(--inner) 3px 5px)}.tone.fault{background:var(--fault);border-top:3px solid var(--failed)}.tone.asked{background:var(--request)}
.tl-tools{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center;font-size:.87rem;margin:.3rem 0}.tl-said{min-height:3em;font-size:.85rem;margin:.3rem 0}
.tl-scroll{position:relative;overflow:auto;max-height:min(75vh,44rem);background:var(--inner);border:1px solid var(--line);border-radius:6px;outline-offset:-3px}
.tl-sheet{position:relative}.tl-names{position:sticky;left:0;z-index:2;width:7.5rem;background:var(--inner);border-right:1px solid var(--line)}
.tl-axis{position:sticky;top:0;z-index:3;background:var(--inner);border-bottom:1px solid var(--line)}
.tl-names div{position:absolute;left:0;right:0;height:20px;line-height:20px;font-size:11.5px;padding:0 .4rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;display:flex;justify-content:space-between;gap:.3rem}
.tl-names .of{color:var(--dim)}.tl-names .first{border-top:1px solid var(--line)}
.timeline svg{position:absolute;display:block;font:10px system-ui,sans-serif;overflow:hidden}.timeline svg text{fill:var(--fg);paint-order:stroke;stroke:var(--inner);stroke-width:2px;stroke-opacity:.55;pointer-events:none}.tick{stroke:var(--line)}.row-line{stroke:var(--line)}
.bar{stroke:var(--dim);stroke-width:.5;cursor:pointer}.bar.calm{fill:url(#p-calm)}.bar.waiting{fill:url(#p-waiting)}.bar.running{fill:var(--running)}.bar.leaving{fill:url(#p-leaving)}.bar.ended{fill:url(#p-ended)}.bar.failed{fill:url(#p-failed)}.bar.absent{fill:var(--absent)}
.bar.chosen{stroke:var(--fg);stroke-width:2.5}.band{fill:var(--fault)}.band.named{fill:var(--hit)}.hit{fill:var(--failed)}.edge{stroke:var(--failed);stroke-dasharray:3 2;fill:none;pointer-events:none}.asked{fill:var(--request)}
@media (max-width:40rem){body{padding:.6rem;font-size:16px}.tl-names{width:5.2rem}.tl-names .of{font-size:9.5px}input[type=search]{width:100%}form#finder label{flex:1 1 40%}form#finder label:first-child{flex-basis:100%}form#finder select{width:100%}form#finder{position:static}.keys{display:none}html{scroll-padding-top:.5rem}}
@media print{form#finder,.anchor{display:none}}`;

export const STYLE = [COLOURS, TEXT, HEAD, TABLES, SECTIONS, TIMELINE, PLOT_STYLE].join('');
