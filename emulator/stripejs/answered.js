// The bank's question in a frame was answered: the page around it asks the API how it went.
parent.postMessage({ stripe: "challenge" }, "*");
