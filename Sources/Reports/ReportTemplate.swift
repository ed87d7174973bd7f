/// The page of `report.html`, in Mustache. Everything that it needs is inside: no scripts, no references.
let reportTemplate = """
  {{% CONTENT_TYPE:\(Markup.Content.name)}}
  <!DOCTYPE html>
  <html lang="en">
  <head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  {{#unfinished}}
  <meta http-equiv="refresh" content="20">
  {{/unfinished}}
  <title>{{name}}: Lockstep {{kind}}</title>
  <style>
  :root { color-scheme: light; }
  body { margin: 0 auto; max-width: 1180px; padding: 1.5rem 1.25rem 4rem; background: #fff; color: #222;
    font: 16px/1.5 Helvetica, Arial, "Liberation Sans", sans-serif; }
  h1 { font-size: 1.7rem; margin: 0 0 .2rem; }
  h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
  h2.chapter { font-size: 1.45rem; margin: 3.5rem 0 .6rem; padding-top: .8rem; border-top: 2px solid #222; }
  h3 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
  .question { margin: 0 0 1rem; color: #555; }
  details { margin: 1rem 0; }
  summary { font-weight: bold; cursor: pointer; }
  .about, .findings { max-width: 62rem; }
  .findings { font-weight: bold; }
  .answer { border-left: 5px solid #0072B2; background: #f2f7fb; padding: .8rem 1.1rem; }
  .answer p { margin: .35rem 0; max-width: 62rem; }
  .answer p:first-child { font-size: 1.15rem; font-weight: bold; }
  .caveats { margin: 1rem 0; padding-left: 1.2rem; color: #444; }
  .note, .counts { color: #555; max-width: 62rem; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
  th, td { padding: .3rem .55rem; border-bottom: 1px solid #ddd; vertical-align: top; }
  th { border-bottom: 2px solid #222; vertical-align: bottom; text-align: left; }
  .number { text-align: right; }
  td.number { white-space: nowrap; }
  /* So many columns fit no page in one line a row. */
  table.dense td.number { white-space: normal; }
  table.dense th, table.dense td { padding: .3rem .35rem; }
  td.text { overflow-wrap: anywhere; min-width: 5.5rem; }
  .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 1.2rem 1.6rem;
    align-items: start; }
  figure { margin: 0; min-width: 0; }
  figure.wide { grid-column: 1 / -1; }
  .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: .5rem 1.6rem; }
  figure.single .panels { grid-template-columns: 1fr; }
  svg { display: block; width: 100%; height: auto; max-width: 640px; }
  figcaption { font-size: .85rem; line-height: 1.4; color: #444; border-top: 1px solid #ddd; padding-top: .4rem; }
  code { font-family: "Liberation Mono", Menlo, Consolas, monospace; font-size: .92em; overflow-wrap: anywhere;
    background: #f4f4f4; padding: .05rem .25rem; }
  figcaption code { display: block; margin-top: .2rem; }
  @media screen and (max-width: 1180px) {
    table { font-size: .8rem; }
    th, td { padding: .3rem .4rem; }
  }
  @media screen and (max-width: 760px) {
    table, tbody, tr { display: block; font-size: .85rem; }
    thead { display: none; }
    tr { padding: .4rem 0; border-bottom: 1px solid #222; }
    td, td.text, td.number { display: flex; justify-content: space-between; gap: 1rem; min-width: 0; padding: .1rem 0; border: 0;
      text-align: right; white-space: normal; overflow-wrap: anywhere; }
    td::before { content: attr(data-heading); flex: 0 0 45%; color: #555; text-align: left; }
  }
  @media print {
    body { max-width: none; padding: 0; font-size: 10.5pt; }
    .figures, figure.single .panels { display: block; }
    figure.wide .panels { grid-template-columns: 1fr 1fr; }
    svg { break-inside: avoid; }
    figure.single svg { margin: 0 auto .3rem; max-width: 125mm; }
    figure { break-inside: avoid; margin-bottom: 6mm; }
    tr, .answer { break-inside: avoid; }
    h2, h3, .note, summary { break-after: avoid; }
    thead { display: table-header-group; }
    details::details-content { display: block; content-visibility: visible; }
    h2.chapter { break-before: page; }
    table { font-size: 7.5pt; }
    th, td { padding: .15rem .3rem; }
    table.dense th, table.dense td { padding: .15rem .2rem; }
    td.number { white-space: normal; }
    td.text { min-width: 2.5rem; }
    .scroll { overflow: visible; }
    .answer, code { print-color-adjust: exact; }
  }
  </style>
  </head>
  <body>
  <header>
  <h1>{{name}}</h1>
  {{#about}}
  <p class="about">{{.}}</p>
  {{/about}}
  {{#findings}}
  <p class="findings">{{.}}</p>
  {{/findings}}
  {{#overview}}
  <div class="scroll">
  {{> table}}
  </div>
  {{/overview}}
  {{#hasParts}}
  <ol class="contents">
  {{#contents}}
  <li><a href="#{{name}}">{{title}}</a></li>
  {{/contents}}
  </ol>
  {{/hasParts}}
  </header>
  <main>
  {{#chapters}}
  {{#heading}}
  <h2 class="chapter" id="{{name}}">{{title}}</h2>
  {{/heading}}
  {{#question}}
  <p class="question">{{.}}</p>
  {{/question}}
  {{#about}}
  <p class="about">{{.}}</p>
  {{/about}}
  <section class="answer">
  <p>{{answer}}</p>
  {{#reasoning}}
  <p>{{.}}</p>
  {{/reasoning}}
  </section>
  <ul class="caveats">
  {{#caveats}}
  <li>{{.}}</li>
  {{/caveats}}
  </ul>
  {{#opening}}
  <{{level}}>{{title}}</{{level}}>
  <p class="note">{{sentence}}</p>
  <div class="scroll">
  {{#table}}
  {{> table}}
  {{/table}}
  </div>
  {{/opening}}
  <{{level}}>Results</{{level}}>
  <div class="scroll">
  {{#main}}
  {{> table}}
  {{/main}}
  </div>
  <p class="counts">{{counts}}.</p>
  {{#hasFigures}}
  <{{level}}>Figures</{{level}}>
  {{/hasFigures}}
  <div class="figures">
  {{#figures}}
  <figure id="{{name}}" class="{{layout}}">
  <div class="panels">
  {{#panels}}
  {{{.}}}
  {{/panels}}
  </div>
  <figcaption>{{caption}} Made by{{#commands}} <code>{{.}}</code>{{/commands}}</figcaption>
  </figure>
  {{/figures}}
  </div>
  {{#sections}}
  {{#open}}
  <section>
  <{{level}}>{{title}}</{{level}}>
  {{> section}}
  </section>
  {{/open}}
  {{#folded}}
  <details>
  <summary>{{title}}</summary>
  {{> section}}
  </details>
  {{/folded}}
  {{/sections}}
  <{{level}}>Limits</{{level}}>
  <ul class="caveats">
  {{#limits}}
  <li>{{.}}</li>
  {{/limits}}
  </ul>
  {{#hasFigures}}
  <{{level}}>Made by</{{level}}>
  {{/hasFigures}}
  {{#commands}}
  <p><code>{{.}}</code></p>
  {{/commands}}
  {{/chapters}}
  </main>
  </body>
  </html>

  """

/// The parts that stand in it more than once, by name.
let reportPartials = [
  "table": """
  {{% CONTENT_TYPE:\(Markup.Content.name)}}
  <table{{#isDense}} class="dense"{{/isDense}}>
  <thead><tr>{{#headings}}<th class="{{kind}}">{{text}}</th>{{/headings}}</tr></thead>
  <tbody>
  {{#rows}}
  <tr>{{#cells}}<td class="{{kind}}" data-heading="{{heading}}">{{text}}</td>{{/cells}}</tr>
  {{/rows}}
  </tbody>
  </table>

  """,
  "section": """
  {{% CONTENT_TYPE:\(Markup.Content.name)}}
  {{#note}}
  <p class="note">{{.}}</p>
  {{/note}}
  <div class="scroll">
  {{#table}}
  {{> table}}
  {{/table}}
  </div>

  """,
]
