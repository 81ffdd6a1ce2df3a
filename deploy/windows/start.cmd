@echo off
rem Starts the page on this computer and opens it in the browser; closing the window stops it.
setlocal
set "PYTHONPATH=%~dp0lib"
set "PYTHONNOUSERSITE=1"
set "PYTHONUTF8=1"
if not defined COMPENSATION_API_LOG_LEVEL set "COMPENSATION_API_LOG_LEVEL=warning"
py -@PYTHON@ -c "" 2>nul
if errorlevel 1 (
  chcp 65001 >nul
  type "%~dp0need-python.txt"
  pause
  exit /b 1
)
py -@PYTHON@ -m api page
if errorlevel 1 pause
