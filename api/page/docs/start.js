"use strict";

// No validator: it would be asked over the internet.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#document",
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
});
