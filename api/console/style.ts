/** The console's one stylesheet. */
export const style = `
:root {
  --ink: #1c2430; --soft: #5b6675; --line: #e3e7ec; --paper: #ffffff; --ground: #f5f6f8;
  --accent: #2456a6; --good: #1b7f4b; --warn: #a15c07; --bad: #b3261e; --wash: #eef2f8;
  --good-wash: #e5f4ec; --warn-wash: #fbf0df; --bad-wash: #fbe9e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e9ee; --soft: #9aa5b4; --line: #2c3440; --paper: #171c24; --ground: #10141a;
    --accent: #86aef0; --good: #5cc38d; --warn: #e0a458; --bad: #ef8078; --wash: #1e2631;
    --good-wash: #16291f; --warn-wash: #2c2314; --bad-wash: #301b1a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
header { background: var(--paper); border-bottom: 1px solid var(--line); }
header nav { max-width: 1120px; margin: 0 auto; padding: 0 24px; display: flex; gap: 24px; align-items: center; min-height: 56px; flex-wrap: wrap; }
header .name { font-weight: 650; color: var(--ink); letter-spacing: -0.01em; margin-right: 8px; }
header nav a { color: var(--soft); padding: 16px 0 13px; border-bottom: 3px solid transparent; }
header nav a.here { color: var(--ink); border-color: var(--accent); }
header .aside { margin-left: auto; }
@media (max-width: 560px) { header nav { gap: 14px; padding: 0 16px; } header .aside { margin-left: 0; } main { padding: 20px 16px; } }
main { max-width: 1120px; margin: 0 auto; padding: 28px 24px 32px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 32px 0 10px; }
.lead { color: var(--soft); margin: 0 0 20px; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; overflow-x: auto; }
.card.padded { padding: 16px 20px; }
.two { display: grid; grid-template-columns: minmax(260px, 1fr) minmax(0, 2fr); gap: 24px; align-items: start; }
.two h2:first-child { margin-top: 0; }
@media (max-width: 800px) { .two { grid-template-columns: minmax(0, 1fr); } }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 550; color: var(--soft); font-size: 13px; white-space: nowrap; }
th, td { padding: 9px 16px; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--wash); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.time, .time { color: var(--soft); white-space: nowrap; font-variant-numeric: tabular-nums; font-size: 13.5px; }
.soft { color: var(--soft); }
.small { font-size: 13.5px; }
.wrap { overflow-wrap: anywhere; }
.empty { padding: 28px 20px; color: var(--soft); margin: 0; }
.pill { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 12.5px; background: var(--wash); color: var(--soft); white-space: nowrap; }
.pill.good { color: var(--good); background: var(--good-wash); } .pill.warn { color: var(--warn); background: var(--warn-wash); }
.pill.bad { color: var(--bad); background: var(--bad-wash); } .pill.live { color: var(--accent); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 16px; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
ol.timeline { list-style: none; margin: 0; padding: 6px 20px; }
ol.timeline li { display: grid; grid-template-columns: 148px minmax(0, 1fr); gap: 16px; padding: 9px 0; border-bottom: 1px solid var(--line); }
ol.timeline li:last-child { border-bottom: 0; }
ol.timeline p { margin: 0; }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
form.search { display: flex; gap: 8px; margin: 0 0 16px; max-width: 520px; }
input, button, textarea { font: inherit; padding: 7px 12px; border-radius: 8px; border: 1px solid var(--line); background: var(--paper); color: var(--ink); }
input { flex: 1; min-width: 0; }
button { background: var(--accent); border-color: var(--accent); color: var(--paper); cursor: pointer; }
footer { max-width: 1120px; margin: 0 auto; padding: 0 24px 32px; color: var(--soft); font-size: 13px; }
.more { margin: 16px 0 0; }
iframe { width: 100%; height: 340px; border: 0; background: #ffffff; display: block; }
pre { margin: 0; padding: 16px 20px; white-space: pre-wrap; overflow-wrap: anywhere; font: 13.5px/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
body.plain main { max-width: 520px; margin: 10vh auto 24px; background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 32px; }
body.plain h1 { margin-bottom: 12px; }
body.plain form { margin: 20px 0; }
body.plain form > button { display: block; width: 100%; padding: 10px 14px; margin-top: 10px; }
body.plain button.second { background: var(--paper); color: var(--accent); }
body.plain .apart { border-top: 1px solid var(--line); margin-top: 28px; padding-top: 20px; }
body.plain .apart h2, body.plain .apart p { margin: 0 0 4px; }
fieldset { border: 0; border-top: 1px solid var(--line); margin: 20px 0 0; padding: 8px 0 0; }
legend { font-weight: 600; padding: 0 12px 0 0; }
legend::first-letter { text-transform: uppercase; }
.choice { display: flex; gap: 12px; padding: 8px 0; cursor: pointer; }
.choice input { flex: none; width: 18px; height: 18px; margin: 3px 0 0; accent-color: var(--accent); }
.choice b { font-weight: 550; }
form.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0 0; }
form.actions textarea { flex: 1 0 100%; }
button.second { background: var(--paper); color: var(--accent); }
.queues { margin: 0 0 12px; } .queues .pill { padding: 4px 12px; margin-right: 4px; }
.notice.bad { background: var(--bad-wash); color: var(--bad); }
.notice { background: var(--good-wash); color: var(--good); padding: 10px 14px; border-radius: 8px; }
@media (max-width: 560px) { body.plain main { margin: 0; border: 0; border-radius: 0; padding: 24px 20px; min-height: 100vh; } }
`
