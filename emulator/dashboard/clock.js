// The clock that can be dragged. While it is, the page says which moment is meant and what lies on the way there; the server
// moves nothing before the form is sent. Without this script the form is hidden and the buttons beside it move time.
for (const form of document.querySelectorAll("form[data-clock]")) {
  const slider = form.elements.to;
  const said = form.querySelector("output");
  const now = Number(slider.min);
  const plan = [...form.parentElement.querySelectorAll("[data-at]")];
  const needle = document.querySelector("[data-needle]");
  const words = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone: "UTC" });
  const look = () => {
    const to = Number(slider.value);
    const passed = plan.filter((item) => {
      const reached = Number(item.dataset.at) <= to;
      item.classList.toggle("plan-reached", reached);
      return reached;
    }).length;
    said.textContent = to === now
      ? "Drag to look ahead."
      : `${words.format(new Date(to * 1000))} UTC: ${passed === 0 ? "nothing planned lies" : passed === 1 ? "1 planned thing lies" : `${passed} planned things lie`} on the way.`;
    if (needle) {
      const { from, until, left, width } = needle.dataset;
      const x = Number(left) + Number(width) * Math.min(1, (to - Number(from)) / (Number(until) - Number(from)));
      needle.setAttribute("x1", x);
      needle.setAttribute("x2", x);
    }
  };
  slider.addEventListener("input", look);
  form.hidden = false;
  look();
}

// Buttons that copy what stands before them.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}
