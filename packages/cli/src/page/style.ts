/** Style sheet of every page: one column on a telephone, figures side by side where there is room; wide tables scroll by themselves. */
export const STYLE = `
*{box-sizing:border-box}
:root{color-scheme:light dark;--text:#1c1c1c;--page:#fff;--faint:#595959;--link:#00568a;--line:#d8d8d8;--row:#e8e8e8;--strong:#888;--good:#11643c;--bad:#a01818}
body{margin:0;font:15px/1.45 system-ui,sans-serif;color:var(--text);background:var(--page)}
header,main{max-width:1320px;margin:0 auto;padding:16px 20px}
header p,.path{color:var(--faint);margin:.2em 0;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0}
h2{font-size:1.3rem;margin:0 0 .4em}
h3{font-size:1.05rem;margin:1.4em 0 .4em}
nav{display:flex;flex-wrap:wrap;gap:6px 18px;margin-top:8px}
a{color:var(--link);padding:4px 0}
section{border-top:1px solid var(--line);padding:20px 0}
.figures{display:flex;flex-wrap:wrap;gap:16px 24px;align-items:flex-start;margin:10px 0}
figure{margin:0;max-width:100%}
figcaption{font-weight:600;margin-bottom:4px}
svg{max-width:100%;height:auto}
.scroll{max-width:100%;overflow-x:auto}
.sheet{max-width:100%;height:auto;min-width:680px}
table{border-collapse:collapse;margin:6px 0 12px;font-size:.93em}
th{text-align:left;font-weight:600;border-bottom:1px solid var(--strong)}
th,td{padding:3px 14px 3px 0;vertical-align:top}
td{border-bottom:1px solid var(--row);max-width:46em;overflow-wrap:break-word}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.notes{color:var(--faint);padding-left:1.2em}
.good{color:var(--good)}
.bad{color:var(--bad);font-weight:600}
details{margin:10px 0}
summary{cursor:pointer;padding:4px 0;font-weight:600}
figure p{margin:4px 0;max-width:360px}
.panels figure p{max-width:none}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:20px;margin:10px 0}
.frames{display:grid;grid-template-columns:repeat(4,1fr);gap:6px}
.frames .small{display:block;overflow-wrap:anywhere}
.panels figure{break-inside:avoid}
.panels svg{width:100%;background:#161616}
.panels p{font-size:.85em;overflow-wrap:anywhere}
.line{display:block}
td:nth-child(n+2) .line{white-space:nowrap}
.wide{font-size:.82em}
.wide th,.wide td{padding-right:9px}
.wide td:first-child{min-width:11em}
.wide td:nth-child(n+2) .line{white-space:normal}
.beside{display:flex;gap:16px 24px;align-items:flex-start;margin:10px 0}
.beside .figures{margin:0}
pre{font-size:12px}
.notice{border-left:4px solid var(--bad);padding:2px 12px}
.small{font-size:.85em;color:var(--faint)}
@media (max-width:600px){header,main{padding:12px 14px}.frames{grid-template-columns:repeat(2,1fr)}}
@media (max-width:900px){.beside{flex-direction:column}.beside>*{max-width:100%}}
@media (prefers-color-scheme:dark){:root{--text:#e6e6e6;--page:#161616;--faint:#a9a9a9;--link:#7cc4ff;--line:#3a3a3a;--row:#2c2c2c;--strong:#8a8a8a;--good:#6fd39b;--bad:#ff9a90}}
@media print{:root{color-scheme:light;--text:#000;--page:#fff;--faint:#444;--link:#000;--line:#bbb;--row:#ddd;--strong:#666;--good:#11643c;--bad:#a01818}
nav,.download{display:none}.wide{font-size:6.6px}.wide th,.wide td{padding-right:5px}.wide td:first-child{min-width:0}section{break-inside:auto}figure,tr{break-inside:avoid}.scroll{overflow:visible}table{font-size:8.5px}th,td{padding:2px 8px 2px 0}td:nth-child(n+2) .line{white-space:normal}pre{white-space:pre-wrap}body{font-size:12px}}
`;
