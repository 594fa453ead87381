extension CertificatePage {
  /// The style of the page, on screen and on A4.
  static let style = """
    :root{color-scheme:light dark;--line:#c3c9d2;--quiet:#545e6b;--soft:#f3f5f8;--good:#17603a;--open:#8a4b00}
    @media(prefers-color-scheme:dark){
    :root{--line:#414a57;--quiet:#a3adba;--soft:#1d232b;--good:#7fd0a3;--open:#f0b35c}}
    *{box-sizing:border-box}
    body{font:15px/1.45 system-ui,sans-serif;max-width:52rem;margin:0 auto;padding:1.5rem}
    h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem}
    h2{font-size:1.2rem;margin:2rem 0 .4rem;padding-top:.5rem;border-top:2px solid var(--line)}
    h3{font-size:1rem;margin:1rem 0 .25rem}p{margin:.4rem 0}ul{margin:.25rem 0;padding-left:1.2rem}
    li{margin:.2rem 0}
    .state{display:inline-block;margin:.6rem 0;padding:.3rem .8rem;border:2px solid var(--good);\
    border-radius:.3rem;color:var(--good)}
    .state.open{border-color:var(--open);color:var(--open)}
    dl{display:grid;grid-template-columns:minmax(9rem,17rem) 1fr;gap:.2rem 1rem;margin:.5rem 0}
    dt{color:var(--quiet)}dd,td{margin:0;overflow-wrap:anywhere;unicode-bidi:isolate}td,tbody th{min-width:4.5em}
    .questions,.commands{grid-template-columns:1fr}.questions dt{margin-top:.45rem}
    .questions dd,.commands dd{padding-left:1rem}.commands dd{background:var(--soft);padding:.4rem .6rem}
    table{border-collapse:collapse;width:100%;margin:.6rem 0}
    th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
    thead th{color:var(--quiet);font-weight:400}tbody th{font-weight:600}
    .quiet{color:var(--quiet);font-weight:400;font-size:.875rem;overflow-wrap:anywhere}
    .reach{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}.reach h3{margin-top:.25rem}
    code,pre{font:.8125rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
    pre{white-space:pre-wrap;word-break:break-all;background:var(--soft);padding:.6rem;margin:.4rem 0}
    @media(max-width:40rem){dl,.reach{grid-template-columns:1fr}}
    @page{size:A4;margin:18mm 17mm 20mm 20mm;@bottom-right{content:counter(page) " / " counter(pages)}}
    @media print{:root{color-scheme:light;--line:#999;--quiet:#333;--soft:#fff;--good:#000;--open:#000}
    body{font-size:9.5pt;max-width:none;padding:0;color:#000;background:#fff}
    h1{font-size:18pt}h2{font-size:12pt;margin:1.1rem 0 .3rem}h3{font-size:10pt}
    h2,h3{break-after:avoid}li,tr,.reach,.statement,.questions dd,.commands dd{break-inside:avoid}
    .questions dt,.commands dt{break-after:avoid}
    .reach{grid-template-columns:1fr 1fr}dl{grid-template-columns:72mm 1fr}
    .questions,.commands{grid-template-columns:1fr}
    pre,.commands dd{border:.5pt solid var(--line)}pre{font-size:7.5pt}code{font-size:8.5pt}.quiet{font-size:8.5pt}}
    """
}
