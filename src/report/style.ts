/** The look of the page: no font, no picture, no address from outside; light and dark by the reader's own setting. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#5b6470;--line:#d6dae0;--card:#f6f7f9;--good:#1a7f4b;--bad:#c0282d;--open:#9a6700;
--calm:#9db3cc;--waiting:#e0b341;--running:#58a77a;--leaving:#b98ac4;--ended:#8d949e;--failed:#d9605a;--fault:#d9605a33;--request:#4c78b8}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e4e7eb;--dim:#9aa3ad;--line:#343a41;--card:#1d2125;--good:#5fc58d;--bad:#ff7b72;--open:#e3b341;
--calm:#4d6580;--waiting:#9a7a22;--running:#2f7a50;--leaving:#7d5589;--ended:#565d66;--failed:#a8403b;--fault:#ff7b7226;--request:#7aa7e8}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin:2rem 0 .4rem}h3{font-size:1rem;margin:1rem 0 .3rem}
.dim{color:var(--dim)}.holds,.same{color:var(--good)}.fails,.different{color:var(--bad);font-weight:600}.inconclusive{color:var(--open);font-weight:600}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td.number{text-align:right;white-space:nowrap}td.reason{min-width:18rem}
details{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.4rem .8rem;margin:.6rem 0}summary{cursor:pointer;font-weight:600}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}a{color:inherit}
figure{margin:.6rem 0}figcaption{font-weight:600}svg{min-width:46rem;width:100%;display:block;font:8.5px system-ui,sans-serif}
svg text{fill:var(--fg)}svg .label{text-anchor:end}svg .axis line{stroke:var(--line)}svg .axis text{fill:var(--dim)}
.bar.calm rect{fill:var(--calm)}.bar.waiting rect{fill:var(--waiting)}.bar.running rect{fill:var(--running)}.bar.leaving rect{fill:var(--leaving)}
.bar.ended rect{fill:var(--ended)}.bar.failed rect{fill:var(--failed)}.fault rect{fill:var(--fault)}.request rect{fill:var(--request)}
.key span{display:inline-block;margin-right:1rem}.key i{display:inline-block;width:.9em;height:.9em;border-radius:2px;margin-right:.3em;vertical-align:-.1em}
`;

/** Opens a scenario's details when its link in the table is followed, and remembers nothing. */
export const SCRIPT = `
addEventListener('hashchange',show);show();
function show(){const found=location.hash&&document.getElementById(location.hash.slice(1));if(found){found.open=true;found.scrollIntoView()}}
`;
