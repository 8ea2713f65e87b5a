// A diagram that is wider than the page scrolls sideways. Mermaid would shrink it until its text is too small to read.
// Small text and little space between the boxes show as much of it as possible.
export default {
  mermaid: {
    fontSize: 12,
    themeVariables: { fontSize: "12px" },
    flowchart: { useMaxWidth: false, nodeSpacing: 15, rankSpacing: 35, padding: 10 },
    sequence: { useMaxWidth: false, width: 125, height: 40, actorMargin: 10, wrap: true },
  },
};
