// The widget's look. As a constructed style sheet it works under a host page whose policy forbids inline style.

export const STYLE = `
:host {
  --canvas: light-dark(#F6F5F2, #111010); --surface: light-dark(#FFFFFF, #191817); --raised: light-dark(#FFFFFF, #22201F);
  --hover: light-dark(#F2F1EE, #232221); --line: light-dark(#E5E3DF, #2D2B2A); --line-strong: light-dark(#8F8C85, #78746E);
  --ink: light-dark(#201E1A, #EEECEA); --ink-2: light-dark(#504D47, #BDBAB6); --ink-3: light-dark(#6B6761, #9B9892);
  --bad-ink: light-dark(#B7191C, #FA938C); --bad-tint: light-dark(#FFECEB, #461F1D);
  --warn-ink: light-dark(#8E4E00, #F2BD68); --warn-tint: light-dark(#FFF1D8, #3A2B14);
  --sh-1: 0 1px 2px light-dark(rgb(32 30 26 / .06), rgb(0 0 0 / .4));
  --sh-2: var(--sh-1), 0 6px 20px light-dark(rgb(32 30 26 / .1), rgb(0 0 0 / .45));
  --sh-3: 0 2px 6px light-dark(rgb(32 30 26 / .08), rgb(0 0 0 / .5)), 0 18px 50px light-dark(rgb(32 30 26 / .2), rgb(0 0 0 / .6));
}
*, ::before, ::after { box-sizing: border-box; }
h2, h3, p, ul, form { margin: 0; padding: 0; }
b { font-weight: 600; }
button, textarea, input { font: inherit; color: inherit; margin: 0; }
.panel button { border: 0; padding: 0; background: none; cursor: pointer; text-align: start; }
[hidden] { display: none !important; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.ic { width: 16px; height: 16px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.35; stroke-linecap: round; stroke-linejoin: round; }
.panel :focus-visible { outline: 2px solid var(--brand-ink); outline-offset: 1px; }
.panel .hero :focus-visible, .panel .bar :focus-visible { outline-color: currentColor; }

.panel { position: absolute; inset-block-end: 72px; inset-inline-end: 0; display: flex; flex-direction: column; width: 376px;
  height: min(640px, calc(100dvh - 112px)); border-radius: 16px; background: var(--surface); color: var(--ink); box-shadow: var(--sh-3);
  overflow: hidden; letter-spacing: -.005em; animation: rise .09s; }
:host([data-position="left"]) .panel { inset-inline: 0 auto; }
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
.x { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 7px; flex: none; }
.x:hover, .quit:hover { background: color-mix(in oklch, currentColor 12%, transparent); }
.view { display: flex; flex-direction: column; flex: 1; min-height: 0; }

.hero { padding: 12px 12px 52px 20px; background: var(--brand); color: var(--on-brand); }
.hero .top { display: flex; align-items: center; gap: 8px; }
.hero .top b { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.mark { display: grid; place-items: center; width: 20px; height: 20px; border-radius: 5.5px; background: var(--on-brand); color: var(--brand); font-size: 12px; font-weight: 700; }
.hero h2 { margin-top: 12px; font-size: 22px; line-height: 28px; font-weight: 600; letter-spacing: -.018em; max-width: 270px; text-wrap: balance; }
.open { display: flex; align-items: center; gap: 8px; margin-top: 6px; font-size: 13px; color: var(--on-brand-2); }
.open i, .dot { width: 8px; height: 8px; border-radius: 50%; background: #72D699; flex: none; }
.open.away i { background: none; box-shadow: inset 0 0 0 2px currentColor; }
.body { flex: 1; min-height: 0; overflow-y: auto; margin-top: -40px; padding: 0 14px 12px; }
.card { display: grid; grid-template-columns: auto minmax(0, 1fr) 16px; align-items: center; gap: 12px; width: 100%; min-height: 60px;
  border-radius: 12px; box-shadow: inset 0 0 0 1px var(--line), var(--sh-2); }
.panel .card { padding: 8px 14px; background: var(--raised); } .panel .card:hover, .panel .past:hover { background: var(--hover); }
.card b, .past b { display: block; line-height: 20px; } .card b + span { display: block; font-size: 12px; line-height: 18px; color: var(--ink-3); }
.card > .ic { color: var(--ink-3); }
.round { display: grid; place-items: center; width: 36px; height: 36px; border-radius: 50%; background: var(--brand-tint); color: var(--brand-ink); }
.round.small { width: 32px; height: 32px; }
h3.small { margin: 14px 6px 4px; font-size: 12px; font-weight: 500; color: var(--ink-3); }
.past { display: grid; grid-template-columns: 32px minmax(0, 1fr) auto; gap: 12px; align-items: center; width: 100%; border-radius: 10px; }
.panel .past { padding: 6px; } .past > span { min-width: 0; } .past span span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 12px; line-height: 18px; color: var(--ink-3); }
.past b { font-weight: 500; font-size: 13px; line-height: 18px; }
.past time { align-self: start; font-size: 12px; line-height: 18px; color: var(--ink-3); font-variant-numeric: tabular-nums; }
.foot { margin-top: auto; padding: 8px; text-align: center; font-size: 11px; color: var(--ink-3); }

.bar { display: flex; align-items: center; gap: 6px; min-height: 56px; padding: 8px; background: var(--brand); color: var(--on-brand); flex: none; }
.bar p { flex: 1; min-width: 0; line-height: 18px; } .bar p b { display: block; font-size: 15px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar p span { display: flex; align-items: center; gap: 4px; font-size: 12px; color: var(--on-brand-2); }
.panel .quit { min-height: 28px; padding: 0 10px; border-radius: 7px; font-size: 12px; font-weight: 500; white-space: nowrap; }
.quit.sure { background: var(--on-brand); color: var(--brand); } .panel .quit.sure:hover { background: var(--on-brand); }
.ava { display: inline-grid; place-items: center; width: 32px; height: 32px; flex: none; border-radius: 50%; font-size: 11px; font-weight: 600; color: var(--a-ink); background: var(--a-bg); }
.ava.xs { width: 18px; height: 18px; font-size: 8px; }
.c1 { --a-bg: light-dark(#DCE7FB, #24395E); --a-ink: light-dark(#1B47A0, #B4CEFF); }
.c2 { --a-bg: light-dark(#DDF0E4, #1D3B2B); --a-ink: light-dark(#0A5B35, #9BE0B7); }
.c3 { --a-bg: light-dark(#FBE3DA, #4C2A20); --a-ink: light-dark(#8A3312, #FFBFA6); }
.c4 { --a-bg: light-dark(#E9E2F8, #372C54); --a-ink: light-dark(#55359B, #D2C2FA); }
.c5 { --a-bg: light-dark(#FAE1EC, #4B2438); --a-ink: light-dark(#8E1F58, #FDB9D6); }
.c6 { --a-bg: light-dark(#DAEFF1, #193B40); --a-ink: light-dark(#0B5760, #99DCE5); }

.scroll { flex: 1; min-height: 0; overflow-y: auto; display: flex; flex-direction: column; gap: 8px; padding: 16px 14px; overscroll-behavior: contain; }
.log { display: flex; flex-direction: column; gap: 8px; margin-top: auto; }
.bub { align-self: flex-start; max-width: 82%; padding: 8px 12px; border-radius: 4px 14px 14px 14px; background: var(--hover); text-wrap: pretty; }
.bub .txt { white-space: pre-wrap; overflow-wrap: anywhere; }
.bub a { color: inherit; text-decoration: underline; text-underline-offset: 2px; }
.bub time, .bub .meta { display: block; margin-top: 1px; font-size: 11px; line-height: 16px; color: var(--ink-3); }
.doc { display: grid; grid-template-columns: 32px minmax(0, 1fr); gap: 10px; align-items: center; margin-top: 6px; padding: 6px 10px 6px 6px; border: 1px solid var(--line);
  border-radius: 7px; background: var(--raised); line-height: 18px; min-width: 200px; } .panel a.doc { text-decoration: none; } .doc:hover { border-color: var(--line-strong); }
.doc b { display: block; font-weight: 500; font-size: 13px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .doc b + span { font-size: 12px; color: var(--ink-3); }
.sq { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 5px; background: var(--brand-tint); color: var(--brand-ink); }
.bub.me { align-self: flex-end; border-radius: 14px 4px 14px 14px; background: var(--brand); color: var(--on-brand); }
.bub.me time, .bub.me .meta { color: var(--on-brand-2); text-align: end; }
.bub.waits { opacity: .75; }
.bub.failed { background: var(--bad-tint); color: var(--ink); opacity: 1; } .bub.failed .meta { color: var(--bad-ink); text-align: start; }
.panel .bub.failed button { text-decoration: underline; font-weight: 600; min-height: 24px; }
.ev { display: flex; justify-content: center; font-size: 12px; color: var(--ink-3); text-align: center; padding: 2px 16px; }
.typ { display: flex; align-items: center; gap: 7px; min-height: 18px; font-size: 12px; color: var(--ink-3); }
.dots { display: inline-flex; gap: 3px; padding: 7px 8px; border-radius: 12px; background: var(--hover); }
.dots i { width: 5px; height: 5px; border-radius: 50%; background: var(--ink-3); animation: pulse 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
@keyframes pulse { 50% { opacity: .25; } }

.line { margin-top: 4px; padding: 16px 14px 14px; border: 1px solid var(--line); border-radius: 14px; background: var(--raised); box-shadow: var(--sh-1); text-align: center; }
.que { width: 272px; max-width: 100%; } .que path { stroke: var(--line); stroke-width: 2; }
.que circle { fill: light-dark(#D9D5CD, #57534D); } .que .first { fill: var(--brand-tint); stroke: var(--brand-line); } .que .y { fill: var(--brand); } .que .aft { fill: var(--line); }
.que .ic path { fill: none; stroke: var(--brand-ink); stroke-width: 1.35; } .que text { font: 600 13px system-ui, sans-serif; fill: var(--on-brand); text-anchor: middle; }
.line h3 { margin-top: 6px; font-size: 18px; line-height: 26px; font-weight: 600; letter-spacing: -.012em; } .line > p { color: var(--ink-2); } .line > p b { color: var(--ink); }
.opts { display: grid; gap: 6px; margin-top: 12px; text-align: start; line-height: 18px; }
.opt { display: grid; grid-template-columns: 16px minmax(0, 1fr); align-items: center; gap: 12px; padding: 8px 12px; border: 1px solid var(--line); border-radius: 10px; font-size: 13px; color: var(--ink-2); }
.opt > .ic { color: var(--brand-ink); } .opt.on { border-color: var(--brand-ink); background: var(--brand-tint); }
.opt b { display: block; color: var(--ink); } .opt span span { font-size: 12px; color: var(--ink-3); }
.opt form { display: flex; gap: 6px; margin-top: 6px; }
.fields { display: grid; gap: 8px; margin: 4px 0; } .fields label { display: grid; gap: 2px; font-size: 12px; font-weight: 500; color: var(--ink-2); } .fields label span { font-weight: 400; color: var(--ink-3); }
.panel input { width: 100%; min-width: 0; min-height: 36px; padding: 6px 10px; border: 1px solid var(--line-strong); border-radius: 7px; background: var(--raised); font-size: 14px; font-weight: 400; line-height: 20px; color: var(--ink); }
.panel .opt .btn { min-height: 36px; padding: 0 12px; border-radius: 7px; background: var(--brand); color: var(--on-brand); font-weight: 500; }
.intro { color: var(--ink-2); }
.note { margin: 0 10px 8px; padding: 6px 12px; border-radius: 10px; background: var(--warn-tint); color: var(--warn-ink); font-size: 12px; line-height: 18px; flex: none; }

.comp { display: flex; align-items: flex-end; gap: 4px; margin: 0 10px 10px; padding: 4px; border: 1px solid var(--line-strong); border-radius: 12px; flex: none; }
.comp:focus-within { border-color: var(--brand-ink); box-shadow: 0 0 0 3px var(--brand-tint); }
.panel .comp textarea { flex: 1; min-width: 0; height: 32px; max-height: 120px; padding: 5px 8px; border: 0; outline: none; background: none; resize: none; font-size: 14px; line-height: 22px; color: var(--ink); }
::placeholder { color: var(--ink-3); opacity: 1; }
.panel .snd { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 10px; background: var(--hover); color: var(--ink-3); flex: none; } .panel .snd.on { background: var(--brand); color: var(--on-brand); }

@media (max-width: 480px) {
  .panel { position: fixed; inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
  :host([data-open]) .launch { display: none; }
  .panel input, .panel .comp textarea { font-size: 16px; }
}
@media (prefers-reduced-motion: reduce) { .panel, .dots i { animation: none; } }
@media (prefers-contrast: more) { :host { --line: var(--line-strong); --ink-3: var(--ink-2); } }
`;
