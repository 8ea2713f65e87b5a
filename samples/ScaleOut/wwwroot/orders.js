// The form that places orders, and the list of those that the stream tells of.
const mostHeard = 8;
const orders = document.querySelector("#orders");
const answer = document.querySelector("#answer");

export function hear({ id, item, node }) {
  orders.prepend(Object.assign(document.createElement("li"), { textContent: `Order ${id}, taken by node ${node}: ${item}` }));
  while (orders.childElementCount > mostHeard) orders.lastElementChild.remove();
}

export function placeOrders(form) {
  form.onsubmit = async event => {
    event.preventDefault();
    const order = new FormData(form, event.submitter);
    answer.textContent = "…";
    const response = await fetch(`${order.get("way")}?${new URLSearchParams({ item: order.get("item"), commit: order.get("commit") })}`, { method: "POST" }).catch(() => null);
    if (!response?.ok) return answer.textContent = "That failed: nobody knows of the order, or the node died before it could say so.";
    const { order: id, node, committed } = await response.json();
    answer.textContent = committed ? `Order ${id} was committed on node ${node}.` : `Order ${id} was rolled back on node ${node}, and nobody hears of it.`;
  };
}
