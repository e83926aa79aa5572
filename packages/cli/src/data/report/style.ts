/** The page's style sheet: one column on a telephone, figures side by side where there is room; wide tables scroll by themselves. */
export const STYLE = `
*{box-sizing:border-box}
body{margin:0;font:15px/1.45 system-ui,sans-serif;color:#1c1c1c;background:#fff}
header,main{max-width:1320px;margin:0 auto;padding:16px 20px}
header p,.path{color:#595959;margin:.2em 0;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0}
h2{font-size:1.3rem;margin:0 0 .4em}
h3{font-size:1.05rem;margin:1.4em 0 .4em}
nav{display:flex;flex-wrap:wrap;gap:6px 18px;margin-top:8px}
a{color:#00568a;padding:4px 0}
section{border-top:1px solid #d8d8d8;padding:20px 0}
.figures{display:flex;flex-wrap:wrap;gap:16px 36px;align-items:flex-start;margin:10px 0}
figure{margin:0;max-width:100%}
figcaption{font-weight:600;margin-bottom:4px}
svg{max-width:100%;height:auto}
.scroll{max-width:100%;overflow-x:auto}
.sheet{max-width:100%;height:auto;min-width:680px}
table{border-collapse:collapse;font-size:.93em}
th{text-align:left;font-weight:600;border-bottom:1px solid #888}
th,td{padding:3px 14px 3px 0;vertical-align:top}
td{border-bottom:1px solid #e8e8e8;max-width:46em;overflow-wrap:break-word}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.notes{color:#595959;padding-left:1.2em}
.good{color:#11643c}
.bad{color:#a01818;font-weight:600}
@media (max-width:600px){header,main{padding:12px 14px}}
`;
