"use strict";
// Shows the values under the pointer, or under a finger, in each plot.
for (const area of document.querySelectorAll(".area[data-read-out]")) {
  const points = JSON.parse(area.dataset.readOut);
  if (points.length === 0) continue;
  const names = [...area.closest("figure").querySelectorAll(".legend li")].map((key) => key.firstChild.nextSibling.textContent.trim());
  const line = document.createElement("div");
  const box = document.createElement("div");
  line.className = "pointer";
  box.className = "values";
  box.setAttribute("role", "status");
  const hide = () => { line.remove(); box.remove(); };
  area.addEventListener("pointerleave", hide);
  const show = (event) => {
    const bounds = area.getBoundingClientRect();
    const at = (event.clientX - bounds.left) / bounds.width;
    let nearest = points[0];
    for (const point of points) if (Math.abs(point[0] - at) < Math.abs(nearest[0] - at)) nearest = point;
    const [place, when, values] = nearest;
    line.style.left = `${place * 100}%`;
    box.replaceChildren();
    const head = document.createElement("b");
    head.textContent = when;
    box.append(head);
    values.forEach((value, index) => {
      if (value === null) return;
      const row = document.createElement("span");
      row.textContent = `${names[index]} ${value}`;
      box.append(row);
    });
    box.style.left = place < 0.5 ? `calc(${place * 100}% + 0.75rem)` : "auto";
    box.style.right = place < 0.5 ? "auto" : `calc(${(1 - place) * 100}% + 0.75rem)`;
    area.append(line, box);
  };
  area.addEventListener("pointermove", show);
  area.addEventListener("pointerdown", show);
}
