// Filtering by status, and everything open on paper. The page is complete without it.
"use strict";
for (const bar of document.querySelectorAll("[data-filter]")) {
  const flavor = bar.closest("article");
  const requirements = flavor.querySelectorAll(".requirement");
  const told = bar.querySelector("[role=status]");
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    for (const button of bar.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === pressed));
    }
    const wanted = pressed.dataset.status;
    let shown = 0;
    for (const requirement of requirements) {
      const advised = wanted === "advice" && requirement.hasAttribute("data-advice");
      requirement.hidden = Boolean(wanted) && requirement.dataset.status !== wanted && !advised;
      shown += !requirement.hidden;
    }
    for (const group of flavor.querySelectorAll(".group")) {
      group.hidden = !group.querySelector(".requirement:not([hidden])");
    }
    told.textContent = `${shown} of ${requirements.length} requirements shown`;
  });
}
function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.hidden || target.closest("[hidden]")) {
    target.closest("article").querySelector("[data-filter] button").click();
  }
  if (target.matches("details")) target.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", reveal);
reveal();
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
