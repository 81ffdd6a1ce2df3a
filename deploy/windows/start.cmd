@echo off
rem Starts the page on this computer and opens it in the browser; closing the window stops it.
setlocal
set "PYTHONPATH=%~dp0lib"
set "PYTHONNOUSERSITE=1"
set "PYTHONUTF8=1"
if not defined COMPENSATION_API_LOG_LEVEL set "COMPENSATION_API_LOG_LEVEL=warning"
rem A Python that lies beside this file reads none of these settings.
set PYTHON="%~dp0python\python.exe" -X utf8
if not exist "%~dp0python\python.exe" set PYTHON=py -@PYTHON@
%PYTHON% -c "" 2>nul
if errorlevel 1 (
  chcp 65001 >nul
  type "%~dp0need-python.txt"
  pause
  exit /b 1
)
%PYTHON% -m api page
if errorlevel 1 pause
