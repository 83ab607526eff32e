"use strict";
// The basket, which is kept for this tab, and the chat, which gets it as custom_data.

const all = (selector) => document.querySelectorAll(selector);
const euro = (cents) => `€${(cents / 100).toFixed(2)}`;

/** @type {Record<string, {price: number, quantity: number}>} */
const basket = JSON.parse(sessionStorage.getItem("basket") || "{}");
let messenger = null;

function totals() {
  const lines = Object.values(basket);
  return {
    items: lines.reduce((sum, line) => sum + line.quantity, 0),
    cents: lines.reduce((sum, line) => sum + line.quantity * line.price, 0),
  };
}

function showBasket() {
  const { items, cents } = totals();
  sessionStorage.setItem("basket", JSON.stringify(basket));
  for (const el of all("[data-basket-count]")) el.textContent = String(items);
  for (const el of all("[data-basket-total]")) el.textContent = euro(cents);
  for (const el of all("[data-basket-empty]")) el.hidden = items > 0;
  for (const el of all("[data-line]")) {
    const line = basket[el.dataset.line];
    el.hidden = !line;
    if (!line) continue;
    el.querySelector("[data-quantity]").textContent = `${line.quantity} × ${euro(line.price)}`;
    el.querySelector(".price").textContent = euro(line.quantity * line.price);
  }
  messenger?.setCustomData({ basket: { items, total: cents / 100, currency: "EUR" }, page: location.pathname });
}

document.addEventListener("click", ({ target }) => {
  const { add, price, remove } = target.dataset;
  if (add) {
    basket[add] = { price: Number(price), quantity: (basket[add]?.quantity ?? 0) + 1 };
    target.textContent = "Added";
  }
  if (remove) delete basket[remove];
  if (add || remove) showBasket();
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  document.querySelector("[data-order-status]").textContent = "Thank you! Had this been a real shop, your plants would be on their way.";
});

showBasket();
createMessenger({ widgetKey: "fern-and-kiln", baseUrl: `${location.origin}/userlike` })
  .then((result) => {
    result.value.mount().subscribe((mounted) => {
      messenger = mounted.value;
      showBasket();
    });
  })
  .catch((error) => {
    document.querySelector("[data-demo-status]").textContent = `The chat could not be loaded: ${error.message}`;
  });
