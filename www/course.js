// One language at a time: that of the address (course.html#zh), else the browser's.
const root = document.documentElement, button = document.getElementById("language");
function speak(zh) {
  root.lang = zh ? "zh-CN" : "en";
  [button.textContent, button.lang] = zh ? ["English", "en"] : ["中文", "zh-CN"];
  for (const lens of document.querySelectorAll("cnn-lens")) lens.lang = zh ? "zh" : "en";
}
button.onclick = () => speak(root.lang === "en");
const asked = location.hash.slice(1);
speak(asked ? asked.startsWith("zh") : navigator.language.startsWith("zh"));
