// Diagrams keep their natural size, and scroll sideways where they are wider than the page. Shrunk to its width, they cannot be read.
const natural = { useMaxWidth: false };

export default {
  mermaid: { flowchart: natural, sequence: natural, state: natural, class: natural },
};
